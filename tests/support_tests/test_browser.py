"""The browser that tests drive is real and shows text, Cyrillic too, on a machine without fonts."""

import psutil
import pytest

from tests.support.browser import BrowserSession, Scheme, Size, open_chromium
from tests.support.waiting import eventually

PAGE = """
<!doctype html><meta name="viewport" content="width=device-width">
<style>:root { color-scheme: light dark } body { font: 32px system-ui } code { font-family: monospace }</style>
<p id="text">Hello, привет</p><p><code>print("код")</code></p>
"""
# An element's ink: how many pixels a canvas has that text was drawn on.
INK = """
text => {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  context.font = "32px system-ui";
  context.fillText(text, 0, 40);
  return context.getImageData(0, 0, canvas.width, canvas.height).data.filter((v, i) => i % 4 === 3 && v).length;
}
"""


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
async def test_it_renders_text(browser: BrowserSession, size: Size, scheme: Scheme) -> None:
    page = await browser.page(size, scheme)
    await page.set_content(PAGE)
    assert await page.inner_text("#text") == "Hello, привет"
    assert await page.evaluate(f"matchMedia('(prefers-color-scheme: {scheme})').matches")
    assert await page.evaluate("innerWidth") == (390 if size == "phone" else 1280)
    await browser.screenshot(page, f"{size}-{scheme}")


@pytest.mark.parametrize("text", ["Hello", "Привет", "Ёё"])
async def test_letters_leave_ink(browser: BrowserSession, text: str) -> None:
    page = await browser.page()
    assert await page.evaluate(INK, text) > 100
    missing = "\\uffff" * len(text)
    assert await page.evaluate(INK, text) != await page.evaluate(INK, missing)


async def test_contexts_share_nothing(browser: BrowserSession) -> None:
    one, other = await browser.context(), await browser.context()
    await one.add_cookies([{"name": "session", "value": "1", "url": "http://127.0.0.1"}])
    assert await one.cookies("http://127.0.0.1")
    assert not await other.cookies("http://127.0.0.1")


async def test_what_a_test_opened_is_closed_and_a_browser_that_died_is_started_again() -> None:
    others = _browsers()
    async with open_chromium() as chromium:
        async with chromium.session("first") as first:
            page = await first.page()
            (main,) = _browsers() - others
            assert not page.is_closed()
        assert page.is_closed()
        main.kill()
        await eventually(lambda: not chromium.running, "its end is noticed")
        async with chromium.session("second") as second:
            await (await second.page()).set_content(PAGE)


def _browsers() -> set[psutil.Process]:
    return {child for child in psutil.Process().children(recursive=True) if _is_browser(child)}


def _is_browser(process: psutil.Process) -> bool:
    try:
        line = process.cmdline()
    except psutil.NoSuchProcess:  # it, or all of it but its exit code, is gone meanwhile
        return False
    # A browser's own children say of what type they are.
    return "--headless" in line and not any(word.startswith("--type=") for word in line)
