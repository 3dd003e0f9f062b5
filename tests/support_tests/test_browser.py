"""The browser that tests drive is real and shows text, Cyrillic too, on a machine without fonts."""

import pytest

from tests.support.browser import BrowserSession, Scheme, Size

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
