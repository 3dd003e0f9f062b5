"""One prompt to several models: each writes in a column of its own, none is lost, and one is kept."""

import pytest
from playwright.async_api import Locator, expect

from tests.browser.looks import overflow, violations
from tests.browser.person import Visitor
from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.deployment import Deployment


async def compared(alice: Visitor, prompt: str) -> Locator:
    """Send `prompt` to both models and give the columns of their answers."""
    await alice.page.get_by_role("button", name="Compare models").click()
    sheet = alice.page.get_by_role("dialog", name="Compare models")
    go = sheet.get_by_role("button", name="Compare", exact=True)
    await expect(go).to_be_disabled()
    await sheet.get_by_role("checkbox", name="scripted/echo-2").check()
    await go.click()
    await expect(
        alice.page.get_by_text("Next message goes to scripted/echo-1 · scripted/echo-2")
    ).to_be_visible()
    await alice.composer.fill(prompt)
    await alice.composer.press("Enter")
    columns = alice.page.locator(".column")
    await expect(columns).to_have_count(2)
    return columns


async def looks_like_the_page(alice: Visitor) -> bool:
    """Say whether the log has the page's own ground and letters, as without columns."""
    same: bool = await alice.page.get_by_role("log").evaluate("""log => {
      const [ours, page] = [getComputedStyle(log), getComputedStyle(document.body)];
      return ours.color === page.color && ours.backgroundColor === "rgba(0, 0, 0, 0)" && ours.display === "block";
    }""")
    return same


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
async def test_answers_are_written_side_by_side_and_one_is_kept(
    browser: BrowserSession, chat: Deployment, size: Size, scheme: Scheme
) -> None:
    alice = await Visitor.signed_in(browser, chat, "alice", size, scheme)
    columns = await compared(alice, f"Compare on {size} [[chunks=60 rate=200 hold=20]]")
    for number, model in enumerate(("scripted/echo-1", "scripted/echo-2")):
        await expect(columns.nth(number).get_by_role("heading", level=3)).to_have_text(model)
        await expect(columns.nth(number)).to_contain_text("w0020")
    await browser.screenshot(alice.page, "writing")
    elsewhere = await alice.another_browser(browser, alice.path)
    theirs = elsewhere.page.locator(".column")
    await alice.page.reload()
    for shown in (columns, theirs):
        await expect(shown).to_have_count(2)
        for number in range(2):
            await expect(shown.nth(number)).to_contain_text("w0020")
    await chat.evolution.release()
    for number in range(2):
        await expect(theirs.nth(number)).to_contain_text("w0060")
        await expect(columns.nth(number).locator(".answer")).to_have_attribute(
            "data-status", "completed"
        )
        await expect(columns.nth(number)).to_contain_text("w0060")
    assert await overflow(alice.page) == 0
    fits = "columns => columns.every(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)"
    assert await columns.evaluate_all(fits)
    assert await violations(alice.page) == []
    await browser.screenshot(alice.page, "written")
    assert await looks_like_the_page(alice)
    if size == "phone":
        await columns.last.scroll_into_view_if_needed()
        await expect(columns.last).to_be_in_viewport(ratio=0.9)
    await browser.screenshot(elsewhere.page, "elsewhere")
    await theirs.first.get_by_role("button", name="Keep this one").click()
    await expect(columns).to_have_count(0)
    await expect(theirs).to_have_count(0)
    await expect(alice.answer.locator(".versions-label")).to_have_text("1/2")
    await expect(alice.page.get_by_label("Model", exact=True)).to_have_value("scripted/echo-1")
    await alice.page.reload()
    await expect(alice.answer.locator(".versions-label")).to_have_text("1/2")
    await expect(alice.answer.locator(".numbers")).to_contain_text("scripted/echo-1")
    assert alice.complaints == elsewhere.complaints == []


async def test_another_tab_shows_the_columns_as_they_begin(alice: Visitor) -> None:
    await alice.say("First [[chunks=2 rate=0]]")
    await alice.until("completed")
    tab = await alice.another_tab(alice.path)
    prompt = "Live [[chunks=60 rate=200 hold=20]]"
    await compared(alice, prompt)
    theirs = tab.page.locator(".column")
    await expect(theirs).to_have_count(2)
    for number in range(2):
        await expect(theirs.nth(number)).to_contain_text("w0020")
    await tab.composer.fill("On [[chunks=2 rate=0]]")
    await alice.chat.evolution.release_when_held(prompt)
    await tab.composer.press("Enter")
    await tab.until("completed")
    await alice.until("completed")
    await expect(theirs).to_have_count(0)
    await expect(alice.page.locator(".column")).to_have_count(0)
    assert alice.complaints == tab.complaints == []


async def test_a_drop_while_they_are_asked_for_loses_none(alice: Visitor) -> None:
    await alice.page.evaluate("""() => {
      const send = WebSocket.prototype.send;
      WebSocket.prototype.send = function (text) {
        send.call(this, text);
        if (!text.includes("message.send")) return;
        WebSocket.prototype.send = send;
        this.close();
      };
    }""")
    columns = await compared(alice, "Dropped [[chunks=4 rate=0]]")
    for number in range(2):
        await expect(columns.nth(number).locator(".answer")).to_have_attribute(
            "data-status", "completed"
        )
    calls = await alice.chat.evolution.calls("Dropped [[chunks=4 rate=0]]")
    models = sorted(call["body"]["model"] for call in calls)
    assert models == ["scripted/echo-1", "scripted/echo-2"]
    await alice.composer.fill("On [[chunks=2 rate=0]]")
    await alice.composer.press("Enter")
    await expect(columns).to_have_count(0)
    await alice.until("completed")
