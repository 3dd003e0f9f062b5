"""A conversation given to others: by a link that can be closed, as a file, as a page to print."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from tests.browser.looks import overflow, violations
from tests.browser.person import Visitor
from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.deployment import Deployment

ANSWER = """## Seen by all

<b>not bold</b>, and $x^2$

```python
return "a long line that a screen scrolls and that paper wraps, so that nothing of it is lost on either of them"
```
"""


async def reads_well(page: Page) -> None:
    """Check that `ANSWER` is shaped as in the chat, and the page as any of ours."""
    answer = page.locator(".transcript-assistant")
    await expect(answer.get_by_role("heading", name="Seen by all")).to_be_visible()
    await expect(answer.locator(".hljs-keyword")).to_have_text("return")
    await expect(answer.locator(".katex")).to_be_visible()
    await expect(answer).to_contain_text("<b>not bold</b>")
    assert await overflow(page) == 0
    assert await violations(page) == []


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
async def test_a_link_is_made_read_by_a_stranger_and_closed(
    browser: BrowserSession, chat: Deployment, size: Size, scheme: Scheme
) -> None:
    alice = await Visitor.signed_in(browser, chat, "alice", size, scheme)
    opener = alice.page.get_by_role("button", name="Share & export")
    await expect(opener).to_be_hidden()
    await alice.say(f"[[echo=1 rate=0]] {ANSWER}")
    await alice.until("completed")
    await opener.click()
    sheet = alice.page.get_by_role("dialog", name="Share & export")
    await sheet.get_by_role("button", name="Create a link").click()
    await expect(sheet.get_by_role("status")).to_have_text(
        "The link shows what is open now, up to its end."
    )
    link = await sheet.get_by_label("The link").input_value()
    assert link.startswith(f"{alice.url}/s/")
    await browser.screenshot(alice.page, "shared")
    assert await overflow(alice.page) == 0
    assert await violations(alice.page) == []
    await alice.page.keyboard.press("Escape")
    stranger = await browser.page()
    await stranger.goto(link)
    await expect(stranger.locator(".transcript-text")).to_have_count(2)
    await reads_well(stranger)
    await browser.screenshot(stranger, "read")
    await alice.say("Second [[chunks=3 rate=0]]")
    await alice.until("completed")
    await stranger.reload()
    await expect(stranger.locator(".transcript-text")).to_have_count(2)
    await opener.click()
    await expect(sheet.get_by_role("status")).to_be_hidden()
    await sheet.get_by_role("button", name="Share up to now").click()
    await expect(sheet.get_by_role("status")).to_contain_text("The link shows")
    await stranger.reload()
    await expect(stranger.locator(".transcript-text")).to_have_count(4)
    tab = await alice.another_tab(alice.path)
    await tab.page.get_by_role("button", name="Share & export").click()
    await expect(tab.page.get_by_label("The link")).to_have_value(link)
    await sheet.get_by_role("button", name="Stop sharing").click()
    await expect(tab.page.get_by_role("button", name="Create a link")).to_be_visible()
    gone = await stranger.reload()
    assert gone
    assert gone.status == 404
    assert alice.complaints == []


async def test_a_conversation_is_taken_along_in_three_ways(
    browser: BrowserSession, alice: Visitor
) -> None:
    await alice.say(f"[[echo=1 rate=0]] {ANSWER}")
    await alice.until("completed")
    await alice.say("Along [[chunks=30 rate=0]]")
    await alice.until("completed")
    await alice.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await alice.page.get_by_role("button", name="Share & export").click()
    texts = {}
    for name in ("Markdown", "JSON"):
        async with alice.page.expect_download() as started:
            await alice.page.get_by_role("link", name=name).click()
        file = await (await started.value).path()
        texts[name] = await asyncio.to_thread(file.read_text)
    assert "w0030" in texts["Markdown"]
    assert '"ttft_ms"' in texts["JSON"]
    async with alice.page.expect_popup() as opened:
        await alice.page.get_by_role("link", name="Print view").click()
    printed = await opened.value
    await expect(printed.locator(".transcript-text").last).to_contain_text("w0030")
    await printed.emulate_media(media="print", color_scheme="dark")
    await expect(printed.locator("pre")).to_have_css("white-space", "pre-wrap")
    await expect(printed.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    await browser.screenshot(printed, "printed")
    await alice.page.get_by_role("button", name="Create a link").click()
    await alice.page.get_by_role("dialog").get_by_role("button", name="Copy").click()
    copied = await alice.page.evaluate("navigator.clipboard.readText()")
    assert copied == await alice.page.get_by_label("The link").input_value()
