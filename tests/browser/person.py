"""A person at a browser: what she does and what she reads on the page."""

from __future__ import annotations

import re
from typing import Any, Self

from playwright.async_api import Page, expect

from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.database import Person
from tests.support.deployment import Deployment

_RAW = """id => {
  const state = evochat.state();
  const thread = state.threads[state.open];
  const live = Object.values(state.live).find((one) => one.message === id);
  return (thread?.messages[id]?.content ?? "") + (live?.content ?? "");
}"""


class Visitor:
    """Drives one page. Every complaint of the browser's console is kept in `complaints`."""

    def __init__(
        self, page: Page, chat: Deployment, person: Person, url: str | None = None
    ) -> None:
        """Take a page. `url`: where the site is reached, when not at its first web process."""
        self.page = page
        self.chat = chat
        self.url = url or chat.webs[0].url
        self.person = person
        self.complaints: list[str] = []
        self._listen(page)

    @classmethod
    async def signed_in(
        cls,
        browser: BrowserSession,
        chat: Deployment,
        name: str,
        size: Size = "desktop",
        scheme: Scheme = "light",
        url: str | None = None,
        locale: str = "en-US",
    ) -> Self:
        """Open the page as someone new who has signed in."""
        person = chat.sign_up(name)
        page = await browser.page_of(person, chat.webs[0].url, size, scheme, locale)
        visitor = cls(page, chat, person, url)
        await visitor.visit("/")
        return visitor

    async def another_tab(self, path: str) -> Self:
        tab = type(self)(await self.page.context.new_page(), self.chat, self.person, self.url)
        await tab.visit(path)
        return tab

    async def another_browser(self, browser: BrowserSession, path: str) -> Self:
        """Open `path` where nothing of hers is kept: all there is to see comes from the server."""
        page = await browser.page_of(self.person, self.url, "desktop", "dark", "en-US")
        visitor = type(self)(page, self.chat, self.person, self.url)
        await visitor.visit(path)
        return visitor

    async def visit(self, path: str) -> None:
        await self.page.goto(f"{self.url}{path}")
        await self.connected()

    async def connected(self) -> None:
        await self.page.wait_for_function(
            "() => window.evochat?.state().connection.phase === 'ready'"
        )

    async def in_words(self) -> str:
        """Give what the last answer says about itself."""
        text: str = await self.answer.locator(".status").inner_text()
        return text

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.url)

    @property
    def conversation(self) -> str:
        """The id of the open conversation, from the address bar."""
        found = re.fullmatch(r"/c/([0-9a-f-]{36})/", self.path)
        assert found, self.path
        return found[1]

    @property
    def composer(self) -> Any:
        return self.page.get_by_label("Message", exact=True)

    @property
    def answers(self) -> Any:
        return self.page.locator(".answer")

    @property
    def answer(self) -> Any:
        """The last answer."""
        return self.answers.last

    async def say(self, text: str) -> None:
        """Write and press Enter, and wait until the page has a place for the answer."""
        count = await self.answers.count()
        await self.composer.fill(text)
        await self.composer.press("Enter")
        await expect(self.answers).to_have_count(count + 1)

    async def new_chat(self) -> None:
        """Leave the open conversation for an empty page."""
        await self.page.get_by_role("link", name="New chat").click()
        await expect(self.answers).to_have_count(0)

    async def until(self, status: str) -> None:
        """Wait until the last answer has `status`."""
        await expect(self.answer).to_have_attribute("data-status", status)

    async def until_text(self, text: str) -> None:
        """Wait until `text` can be read in the last answer."""
        await expect(self.answer.locator(".markdown").last).to_contain_text(text)

    async def read(self) -> str:
        """Give what the last answer shows, its lines joined."""
        text: str = await self.answer.locator(".markdown").last.inner_text()
        return " ".join(text.split())

    async def raw(self) -> str:
        """Give the last answer's text as the page holds it."""
        answer_id = await self.answer.get_attribute("data-id")
        text: str = await self.page.evaluate(_RAW, answer_id)
        return text

    async def stored(self) -> str:
        """Give the last answer's text as the database holds it."""
        answer_id = await self.answer.get_attribute("data-id")
        assert answer_id
        content: str = self.chat.database.message(answer_id).content
        return content

    async def assert_shows_what_is_stored(self) -> None:
        """For an answer without Markdown: the page, what the page holds and the database agree."""
        stored, raw, shown = await self.stored(), await self.raw(), await self.read()
        assert raw == stored, (raw, stored)
        assert shown == " ".join(stored.split()), (shown, stored)

    def _listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type == "error" else None,
        )
