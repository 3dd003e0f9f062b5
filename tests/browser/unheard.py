"""Commands that never reach the server."""

from playwright.async_api import Page

_LOSE = """kind => {
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (text) {
    if (JSON.parse(text).type !== kind) send.call(this, text);
  };
}"""


async def lose(page: Page, kind: str) -> None:
    """Let no command of `kind` leave this page, until it is loaded again."""
    await page.evaluate(_LOSE, kind)
