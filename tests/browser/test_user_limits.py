"""Someone who may not send: what they wrote stays, says why and until when, and is sent once they may again."""

from playwright.async_api import expect

from tests.browser.looks import overflow, violations
from tests.browser.person import Visitor
from tests.support.browser import BrowserSession
from tests.support.deployment import Deployment

PAUSE = """
INSERT INTO chat_userlimits (user_id, is_paused, paused_until, reason)
VALUES (%s, true, datetime('now', '+3 hours'), 'Too many long prompts: ask Bob, room 12.')
"""
FREE = "UPDATE chat_userlimits SET is_paused = false, prompts_per_day = 1 WHERE user_id = %s"


async def test_what_is_over_a_limit_of_ones_own_stays_and_says_why(
    browser: BrowserSession, chat: Deployment
) -> None:
    alice = await Visitor.signed_in(browser, chat, "alice", "phone", "dark")
    chat.database.execute(PAUSE, alice.person.user.pk)
    await alice.composer.fill("About tides [[chunks=3 rate=0]]")
    await alice.composer.press("Enter")
    line = alice.page.locator(".unsent:visible")
    await expect(line).to_contain_text("Not sent: You may not send until")
    await expect(line).to_contain_text("The reason: Too many long prompts: ask Bob, room 12.")
    assert await overflow(alice.page) == 0
    assert await violations(alice.page) == []
    await browser.screenshot(alice.page, "paused")
    await alice.page.reload()
    await expect(line).to_contain_text("ask Bob")
    chat.database.execute(FREE, alice.person.user.pk)
    await line.get_by_role("button", name="Retry").click()
    await alice.until("completed")
    await alice.page.get_by_role("button", name="Answer again").click()
    await expect(line).to_contain_text("Your prompts for today are used up.")
    await browser.screenshot(alice.page, "used-up")
    await alice.page.reload()
    await alice.page.get_by_role("link", name="What is left of today").click()
    await expect(alice.page.get_by_text("0 of 1")).to_be_visible()
    await browser.screenshot(alice.page, "left")
    assert await overflow(alice.page) == 0
    assert len(chat.database.generations_of(alice.person)) == 1
    assert alice.complaints == []
