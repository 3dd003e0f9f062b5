"""Take the pictures: a running evochat, a real Chromium, both languages, both themes, desktop and phone.

make pictures
"""

from __future__ import annotations

import asyncio
from urllib.parse import urljoin

from benchmarks.systems import Stage, stage
from tests.support.browser import BrowserSession, Scheme, Size, open_chromium
from tests.support.paths import ROOT

IMAGES = ROOT / "docs" / "images"
SHOTS: list[tuple[str, str, Size, Scheme]] = [
    ("chat.png", "en", "desktop", "light"),
    ("chat-dark.png", "en", "desktop", "dark"),
    ("chat-ru.png", "ru", "desktop", "light"),
    ("phone-dark.png", "en", "phone", "dark"),
    ("phone-ru.png", "ru", "phone", "light"),
]


async def main(built: Stage) -> None:
    """Take each anew."""
    async with open_chromium() as chromium, chromium.session("pictures") as browser:
        for language in ("en", "ru"):
            system = built.evochat("sqlite", 1)
            opened = built.run_in(system, "-m", "scripts.pictures.conversations", language)
            url = f"http://127.0.0.1:{system.port}"
            for name, of, size, scheme in SHOTS:
                if of == language:
                    cookie = built.cookies[system][0]
                    await _take(
                        browser, f"{url}/c/{opened.strip()}/", cookie, name, of, size, scheme
                    )


async def _take(
    browser: BrowserSession,
    address: str,
    cookie: str,
    name: str,
    language: str,
    size: Size,
    scheme: Scheme,
) -> None:
    context = await browser.context(size, scheme, locale="ru-RU" if language == "ru" else "en-US")
    key, value = cookie.split("=", 1)
    await context.add_cookies([{"name": key, "value": value, "url": urljoin(address, "/")}])
    page = await context.new_page()
    await page.goto(address)
    await page.locator(".answer.last .katex").first.wait_for()
    await page.locator(".answer.last .hljs-keyword, .answer.last pre span").first.wait_for()
    await page.screenshot(path=IMAGES / name)
    print(f"docs/images/{name}")


if __name__ == "__main__":
    with stage() as built:
        asyncio.run(main(built))
