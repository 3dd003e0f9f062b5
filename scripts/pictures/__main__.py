"""Take the pictures: a running evochat, a real Chromium, both languages, both themes, desktop and phone.

make pictures
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urljoin

from playwright.async_api import Page

from benchmarks.systems import Stage, System, stage
from tests.support.browser import BrowserSession, Scheme, Size, open_chromium
from tests.support.paths import ROOT

IMAGES = ROOT / "docs" / "images"


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: where it is taken, how, and what is on the page when all is drawn.

    `first`: of the list at `path` the first row is opened. `at`: what it begins with.
    """

    name: str
    path: str
    drawn: tuple[str, ...]
    size: Size = "desktop"
    scheme: Scheme = "light"
    language: str = "en"
    first: bool = False
    at: str = ""


ANSWER = (".answer.last .katex", ".answer.last pre span")
CHAT = (
    Shot("chat.png", "", ANSWER),
    Shot("chat-dark.png", "", ANSWER, scheme="dark"),
    Shot("chat-ru.png", "", ANSWER, language="ru"),
    Shot("phone-dark.png", "", ANSWER, size="phone", scheme="dark"),
    Shot("phone-ru.png", "", ANSWER, size="phone", language="ru"),
)
LIST = "/admin/chat/conversation/?q=landlord"
REVIEWS = "/admin/chat/review/"
FIGURES = "/admin/figures/?period="
STAFF = (
    Shot("admin-find.png", LIST, ("#result_list mark",)),
    Shot("admin-transcript.png", LIST, (".is-drawn",), scheme="dark", first=True, at=".transcript"),
    Shot("admin-review.png", REVIEWS, (".is-drawn",), first=True),
    Shot("admin-figures.png", f"{FIGURES}30d", ("canvas",)),
    Shot("admin-phone.png", f"{FIGURES}7d", ("canvas",), size="phone", scheme="dark"),
)


async def main(built: Stage) -> None:
    """Take each anew."""
    async with open_chromium() as chromium, chromium.session("pictures") as browser:
        for language in ("en", "ru"):
            system = built.evochat("sqlite", 1)
            opened = built.run_in(system, "-m", "scripts.pictures.conversations", language)
            shots = [shot for shot in CHAT if shot.language == language]
            await _take(built, browser, system, f"/c/{opened.strip()}/", shots)
        system = built.evochat("sqlite", 1)
        built.run_in(system, "-m", "scripts.pictures.record")
        await _take(built, browser, system, "", list(STAFF))


async def _take(
    built: Stage, browser: BrowserSession, system: System, base: str, shots: list[Shot]
) -> None:
    key, value = built.cookies[system][0].split("=", 1)
    for shot in shots:
        address = f"http://127.0.0.1:{system.port}{base}{shot.path}"
        locale = "ru-RU" if shot.language == "ru" else "en-US"
        context = await browser.context(shot.size, shot.scheme, locale)
        await context.add_cookies([{"name": key, "value": value, "url": urljoin(address, "/")}])
        page = await context.new_page()
        await page.goto(address)
        await _drawn(page, shot)
        await page.screenshot(path=IMAGES / shot.name)
        print(f"docs/images/{shot.name}")


async def _drawn(page: Page, shot: Shot) -> None:
    if shot.first:
        await page.locator("#result_list tbody tr th a").first.click()
    for selector in shot.drawn:
        await page.locator(selector).first.wait_for()
    if shot.at:
        await page.locator(shot.at).evaluate("node => node.scrollIntoView()")
    # Charts grow as they come.
    await page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished))")


if __name__ == "__main__":
    with stage() as built:
        asyncio.run(main(built))
