"""What is typed and not sent is there again."""

from playwright.async_api import expect

from tests.browser.nothing_lost.losing import SHORT, stored, write
from tests.browser.person import Visitor


async def test_what_is_typed_survives_a_reload_in_each_conversation(alice: Visitor) -> None:
    await alice.say(SHORT)
    await alice.until("completed")
    await alice.composer.fill("For the old one")
    await alice.new_chat()
    await expect(alice.composer).to_have_value("")
    await alice.composer.fill("For a new one")
    await alice.page.reload()
    await expect(alice.composer).to_have_value("For a new one")
    await alice.page.locator(".conversations a").first.click()
    await expect(alice.composer).to_have_value("For the old one")
    await alice.composer.press("Enter")
    await expect(alice.composer).to_have_value("")
    await alice.page.reload()
    await alice.connected()
    await expect(alice.composer).to_have_value("")


async def test_what_is_typed_survives_the_tab(alice: Visitor) -> None:
    await alice.composer.fill("Half a thought")
    tab = await alice.another_tab("/")
    await expect(tab.composer).to_have_value("Half a thought")
    await write(alice, f"Half a thought, and its end {SHORT}")
    await expect(tab.composer).to_have_value("Half a thought")
    await alice.page.close()
    await tab.page.reload()
    await expect(tab.composer).to_have_value("Half a thought")


async def test_a_draft_sent_in_one_tab_goes_from_the_other(alice: Visitor) -> None:
    await alice.composer.fill(f"Once {SHORT}")
    tab = await alice.another_tab("/")
    await expect(tab.composer).to_have_value(f"Once {SHORT}")
    await alice.composer.press("Enter")
    await expect(tab.composer).to_have_value("")
    await stored(alice, f"Once {SHORT}")
