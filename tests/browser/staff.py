"""Somebody of the staff at a browser, in the admin."""

from __future__ import annotations

from typing import Self

from playwright.async_api import Page

from tests.browser.looks import overflow, violations
from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.deployment import Deployment


class Staff:
    """Drives one page of the admin. Every complaint of the browser's console is kept in `complaints`."""

    def __init__(self, page: Page, chat: Deployment, name: str) -> None:
        self.page = page
        self.name = name
        self.complaints: list[str] = []
        self._url = chat.webs[0].url
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type == "error" else None,
        )

    @classmethod
    async def signed_in(
        cls,
        browser: BrowserSession,
        chat: Deployment,
        name: str,
        size: Size = "desktop",
        scheme: Scheme = "light",
        locale: str = "en-US",
    ) -> Self:
        """Give an administrator who has signed in and has nothing open yet."""
        person = chat.database.sign_up_staff(name)
        page = await browser.page_of(person, chat.webs[0].url, size, scheme, locale)
        return cls(page, chat, person.user.username)

    async def visit(self, path: str) -> None:
        await self.page.goto(f"{self._url}/admin/{path}")

    async def assert_looks_well(self) -> None:
        """Hold the page to what any part is held to; axe itself, which comes last, offends the content policy."""
        assert await overflow(self.page) == 0
        assert self.complaints == [], self.complaints
        found = await violations(self.page)
        assert found == [], found
        self.complaints.clear()
