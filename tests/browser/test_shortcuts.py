"""The keys: what is said of them in the list, and that they do it."""

from playwright.async_api import expect

from tests.browser.looks import violations
from tests.browser.person import Visitor
from tests.browser.unheard import lose
from tests.support.browser import BrowserSession


async def test_the_keys_do_what_their_list_says(alice: Visitor, browser: BrowserSession) -> None:
    keyboard = alice.page.keyboard
    sheet = alice.page.get_by_role("dialog", name="Keyboard shortcuts")
    await keyboard.press("Control+/")
    await expect(sheet).to_be_visible()
    await browser.screenshot(alice.page, "list")
    assert await violations(alice.page) == []
    await keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    await alice.page.evaluate("document.activeElement.blur()")
    await keyboard.press("?")
    await expect(sheet).to_be_visible()
    await sheet.get_by_role("button", name="Close").click()
    await alice.page.get_by_role("button", name="Keyboard shortcuts").click()
    await keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    await keyboard.press("Control+k")
    await expect(alice.page.locator("[data-part=query]")).to_be_focused()

    await alice.composer.fill("One")
    await keyboard.press("Shift+Enter")
    await keyboard.type("[[chunks=9 rate=20 hold=3]]")
    await keyboard.press("Enter")
    await alice.until_text("w0003")
    # From wherever one is, and not only from the field.
    await alice.page.get_by_role("log").focus()
    await keyboard.press("Escape")
    await alice.until("cancelled")
    await alice.composer.focus()
    await keyboard.press("ArrowUp")
    edited = alice.page.locator(".prompt").get_by_role("textbox")
    await expect(edited).to_be_focused()
    await expect(edited).to_have_value("One\n[[chunks=9 rate=20 hold=3]]")
    await keyboard.press("Escape")
    await expect(edited).to_have_count(0)
    await alice.composer.fill("not empty")
    await keyboard.press("ArrowUp")
    await expect(edited).to_have_count(0)


async def test_near_the_limit_the_composer_counts(alice: Visitor) -> None:
    await alice.composer.fill("x" * 99_000)
    count = alice.page.locator("[data-part=count]")
    await expect(count).to_have_text("1,000 of 100,000 characters left")
    await alice.composer.fill("x" * 100_001)
    await expect(count).to_have_text("1 character too many for 100,000")
    await expect(alice.page.get_by_role("button", name="Send")).to_be_disabled()


async def test_stop_says_that_it_is_stopping_until_that_is_confirmed(
    alice: Visitor, browser: BrowserSession
) -> None:
    await lose(alice.page, "generation.cancel")
    await alice.say("[[chunks=90 rate=100 hold=5]]")
    await alice.until_text("w0005")
    await alice.page.get_by_role("button", name="Stop").click()
    await expect(alice.page.locator("[data-part=submit]")).to_have_text("Stopping…")
    await browser.screenshot(alice.page, "stopping")
    # It is kept, and asked for again by the page that comes after.
    await alice.page.reload()
    await alice.until("cancelled")
    await expect(alice.page.get_by_role("button", name="Send")).to_be_visible()
