"""What a person thinks of an answer: given with a press, explained beside it, the same in every tab."""

import pytest
from playwright.async_api import expect

from tests.browser.looks import overflow, violations
from tests.browser.person import Visitor
from tests.browser.unheard import lose
from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.deployment import Deployment


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "dark"), ("phone", "light")])
async def test_an_answer_is_rated_with_a_reason_and_every_tab_shows_it(
    browser: BrowserSession, chat: Deployment, size: Size, scheme: Scheme
) -> None:
    alice = await Visitor.signed_in(browser, chat, "alice", size, scheme)
    await alice.say("[[chunks=30 rate=0]]")
    await alice.until("completed")
    tab = await alice.another_tab(alice.path)
    down = alice.answer.get_by_role("button", name="Bad answer")
    await expect(down).to_have_attribute("aria-pressed", "false")
    await down.click()
    await expect(down).to_have_attribute("aria-pressed", "true")
    why = alice.page.get_by_role("dialog", name="What was wrong?")
    await why.get_by_role("button", name="Not complete").click()
    await why.get_by_label("More in your own words (optional)").fill("It stops at thirty")
    await browser.screenshot(alice.page, "why")
    assert await overflow(alice.page) == 0
    assert await violations(alice.page) == []
    await why.get_by_role("button", name="Send").click()
    await expect(why).to_be_hidden()
    await expect(down).to_be_focused()
    theirs = tab.answer.get_by_role("button", name="Bad answer")
    await expect(theirs).to_have_attribute("aria-pressed", "true")
    await expect(theirs).to_have_attribute(
        "title", "Bad answer · Not complete · It stops at thirty"
    )
    await alice.page.reload()
    await expect(down).to_have_attribute("aria-pressed", "true")
    await browser.screenshot(alice.page, "given")
    await theirs.click()
    await expect(down).to_have_attribute("aria-pressed", "false")
    up = alice.answer.get_by_role("button", name="Good answer")
    await up.click()
    await alice.page.keyboard.press("Escape")
    await expect(alice.page.get_by_role("dialog", name="What was good?")).to_be_hidden()
    await expect(tab.answer.get_by_role("button", name="Good answer")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert alice.complaints == tab.complaints == []


async def test_a_rating_that_did_not_arrive_is_kept_over_a_reload_and_its_tab(
    alice: Visitor,
) -> None:
    await alice.say("[[chunks=30 rate=0]]")
    await alice.until("completed")
    tab = await alice.another_tab(alice.path)
    await lose(alice.page, "message.rate")
    up = alice.answer.get_by_role("button", name="Good answer")
    await up.click()
    await expect(up).to_have_attribute("aria-pressed", "true")
    theirs = tab.answer.get_by_role("button", name="Good answer")
    await expect(theirs).to_have_attribute("aria-pressed", "false")
    await alice.page.reload()
    await expect(theirs).to_have_attribute("aria-pressed", "true")
    await expect(up).to_have_attribute("aria-pressed", "true")
    await alice.page.wait_for_function(
        "() => !Object.keys(localStorage).some((name) => name.startsWith('evochat.request.'))"
    )
    await lose(alice.page, "message.rate")
    await alice.answer.get_by_role("button", name="Bad answer").click()
    await alice.page.close()
    # A tab that is gone might only be loading again: its heirs wait a moment.
    await expect(tab.answer.get_by_role("button", name="Bad answer")).to_have_attribute(
        "aria-pressed", "true", timeout=30_000
    )
