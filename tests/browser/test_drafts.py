"""What is typed beside the composer is kept too: the edit of a prompt, the comment on an answer."""

import pytest
from playwright.async_api import expect

from tests.browser.looks import overflow, violations
from tests.browser.person import Visitor
from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.deployment import Deployment


async def test_an_edit_is_kept_until_it_is_sent_or_discarded(alice: Visitor) -> None:
    prompt = "To be edited [[chunks=4 rate=200 hold=2]]"
    await alice.say(prompt)
    await alice.until_text("w0002")
    edit = alice.page.locator(".edit-text")
    await alice.page.locator(".prompt").hover()
    await alice.page.locator(".prompt").get_by_role("button", name="Edit").click()
    await edit.fill("Edited [[chunks=2 rate=0]]")
    await alice.chat.evolution.release_when_held(prompt)
    await alice.until("completed")
    await expect(edit).to_have_value("Edited [[chunks=2 rate=0]]")
    await edit.press("Escape")
    await expect(edit).to_have_count(0)
    await expect(alice.page.get_by_role("button", name="Edit (changes not sent)")).to_be_visible()
    await alice.new_chat()
    await alice.page.locator(".conversations a").first.click()
    await expect(edit).to_have_value("Edited [[chunks=2 rate=0]]")
    await alice.page.reload()
    await expect(edit).to_have_value("Edited [[chunks=2 rate=0]]")
    tab = await alice.another_tab(alice.path)
    theirs = tab.page.locator(".edit-text")
    await expect(theirs).to_have_value("Edited [[chunks=2 rate=0]]")
    await theirs.press("Enter")
    await tab.until("completed")
    await expect(tab.page.locator(".prompt .versions-label")).to_have_text("2/2")
    await expect(alice.page.locator(".prompt .versions-label")).to_have_text("2/2")
    await alice.page.get_by_role("button", name="Previous version").click()
    await expect(alice.page.locator(".prompt-text")).to_have_text(prompt)
    await expect(edit).to_have_count(0)
    await alice.page.locator(".prompt").hover()
    await alice.page.get_by_role("button", name="Edit", exact=True).click()
    await expect(edit).to_have_value(prompt)
    await edit.fill("Never mind")
    await alice.page.get_by_role("button", name="Cancel").click()
    await alice.page.reload()
    await expect(alice.page.locator(".prompt-text")).to_have_text(prompt)
    await expect(edit).to_have_count(0)
    assert alice.complaints == tab.complaints == []


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
async def test_a_comment_is_kept_until_it_is_sent_or_skipped(
    browser: BrowserSession, chat: Deployment, size: Size, scheme: Scheme
) -> None:
    alice = await Visitor.signed_in(browser, chat, "alice", size, scheme)
    await alice.say("[[chunks=8 rate=0]]")
    await alice.until("completed")
    kept = alice.page.get_by_role("button", name="Comment not sent")
    comment = alice.page.get_by_label("More in your own words (optional)")
    await alice.answer.get_by_role("button", name="Bad answer").click()
    await comment.fill("It counts, and says nothing")
    await expect(kept).to_be_hidden()
    await comment.press("Escape")
    await expect(kept).to_be_visible()
    await alice.page.locator(".prompt").hover()
    await alice.page.locator(".prompt").get_by_role("button", name="Edit").click()
    await alice.page.locator(".edit-text").fill("Say more than numbers")
    await alice.page.locator(".edit-text").press("Escape")
    await alice.page.reload()
    await expect(kept).to_be_visible()
    await browser.screenshot(alice.page, "after-a-reload")
    await alice.page.locator(".edit-text").press("Escape")
    assert await overflow(alice.page) == 0
    assert await violations(alice.page) == []
    await browser.screenshot(alice.page, "closed")
    await kept.click()
    await expect(comment).to_have_value("It counts, and says nothing")
    await alice.page.get_by_role("button", name="Send", exact=True).last.click()
    await expect(comment).to_be_hidden()
    down = alice.answer.get_by_role("button", name="Bad answer")
    await expect(down).to_have_attribute("title", "Bad answer · It counts, and says nothing")
    await expect(kept).to_be_hidden()
    await alice.answer.get_by_role("button", name="Good answer").click()
    await expect(comment).to_have_value("")
    await comment.fill("On the other hand")
    await alice.page.get_by_role("button", name="Skip").click()
    await expect(comment).to_be_hidden()
    await alice.page.reload()
    await expect(alice.answer.get_by_role("button", name="Good answer")).to_have_attribute(
        "aria-pressed", "true"
    )
    await expect(kept).to_be_hidden()
    assert alice.complaints == []
