"""The list of conversations: managed in one tab and seen in the other, searched, and reached by keyboard."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.looks import violations
from tests.browser.person import Visitor
from tests.browser.shelf import Kept, fill
from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.deployment import Deployment

SHELF = (
    Kept("Voyage around the world", ("How far is it?",), days=400, set={"tags": ["travel"]}),
    Kept("Sourdough, step by step", days=100),
    Kept("Names for a cat", days=12),
    Kept("Trains to Lisbon in spring", days=3, set={"tags": ["travel", "spring"]}),
    Kept("Tax return, once more", days=1, set={"tags": ["work"]}),
    Kept("House rules", set={"pinned": True}),
    Kept("A very long title that does not fit into the width of the list and is cut at its end"),
)


def row(visitor: Visitor, title: str) -> Any:
    return visitor.page.locator(".row").filter(has_text=title)


def titles(visitor: Visitor) -> Any:
    return visitor.page.locator(".conversation-title")


async def menu(visitor: Visitor, title: str) -> Any:
    """Open the menu of a conversation with the pointer."""
    await row(visitor, title).hover()
    await row(visitor, title).get_by_role("button", name="Options").click()
    return visitor.page.get_by_role("menu")


async def choose(visitor: Visitor, title: str, item: str) -> None:
    opened = await menu(visitor, title)
    await opened.get_by_role("menuitem", name=item, exact=True).click()


async def opened(browser: BrowserSession, chat: Deployment, *shelf: Kept, **look: Any) -> Visitor:
    """Open the page as someone who has these conversations."""
    alice = await Visitor.signed_in(browser, chat, "alice", **look)
    await fill(chat, alice.person, *shelf)
    await alice.visit("/")
    await expect(titles(alice)).to_have_count(len(shelf))
    return alice


async def test_what_is_changed_in_one_tab_is_so_in_the_other(
    browser: BrowserSession, chat: Deployment
) -> None:
    alice = await opened(browser, chat, Kept("Pears"), Kept("Apples"), Kept("Plums"))
    tab = await alice.another_tab("/")
    await expect(titles(tab)).to_have_text(["Plums", "Apples", "Pears"])

    await choose(alice, "Pears", "Rename")
    await alice.page.get_by_label("New title").fill("Ripe pears")
    await alice.page.keyboard.press("Enter")
    await expect(titles(tab)).to_have_text(["Plums", "Apples", "Ripe pears"])
    await expect(row(alice, "Ripe pears").get_by_role("link")).to_be_focused()

    await choose(alice, "Plums", "Rename")
    await alice.page.get_by_label("New title").fill("Given up")
    await alice.page.keyboard.press("Escape")
    await expect(titles(alice)).to_have_text(["Plums", "Apples", "Ripe pears"])

    await choose(alice, "Ripe pears", "Pin")
    await expect(titles(tab)).to_have_text(["Ripe pears", "Plums", "Apples"])
    await expect(tab.page.locator(".group-heading")).to_have_text(["Pinned", "Today"])

    await choose(tab, "Plums", "Archive")
    await expect(titles(alice)).to_have_text(["Ripe pears", "Apples"])
    await alice.page.get_by_role("button", name="Archived").click()
    await expect(titles(alice)).to_have_text(["Plums"])
    await choose(alice, "Plums", "Unarchive")
    await expect(titles(tab)).to_have_text(["Ripe pears", "Plums", "Apples"])
    await expect(alice.page.get_by_text("Nothing is archived")).to_be_visible()
    await alice.page.get_by_role("button", name="Back to the list").click()
    await expect(titles(alice)).to_have_text(["Ripe pears", "Plums", "Apples"])
    stored = alice.chat.database.conversations_of(alice.person)
    assert {each.title for each in stored} == {"Ripe pears", "Apples", "Plums"}
    assert alice.complaints == tab.complaints == []


async def test_what_is_deleted_can_be_taken_back(browser: BrowserSession, chat: Deployment) -> None:
    alice = await opened(browser, chat, Kept("Pears", ("About pears",)), Kept("Apples"))
    tab = await alice.another_tab("/")
    await titles(alice).last.click()
    await expect(alice.page.locator(".prompt-text")).to_contain_text("About pears")
    path = alice.path
    await titles(tab).last.click()
    await expect(tab.page.locator(".prompt-text")).to_contain_text("About pears")

    await choose(alice, "Pears", "Delete")
    await expect(titles(alice)).to_have_text(["Apples"])
    await expect(alice.page.get_by_text("What would you like to know?")).to_be_visible()
    assert alice.path == "/"
    await expect(titles(tab)).to_have_text(["Apples"])
    await expect(tab.page.get_by_text("This conversation is not there")).to_be_visible()
    await browser.screenshot(alice.page, "deleted")

    await alice.page.get_by_role("button", name="Undo").click()
    await expect(titles(alice)).to_have_text(["Apples", "Pears"])
    await expect(alice.page.locator(".prompt-text")).to_contain_text("About pears")
    assert alice.path == path
    await expect(tab.page.locator(".prompt-text")).to_contain_text("About pears")
    await expect(tab.page.get_by_text("This conversation is not there")).to_be_hidden()
    # It is followed again, not only shown.
    await alice.say("More of it [[chunks=3 rate=0]]")
    await tab.until_text("w0003")
    assert alice.complaints == tab.complaints == []


async def test_tags_are_given_shown_and_filtered_by(
    browser: BrowserSession, chat: Deployment
) -> None:
    alice = await opened(browser, chat, Kept("Pears", set={"tags": ["Fruit"]}), Kept("Trains"))
    tab = await alice.another_tab("/")
    await choose(alice, "Trains", "Tags…")
    dialog = alice.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Tags of “Trains”")
    await dialog.get_by_label("New tag").fill("travel")
    await dialog.get_by_label("New tag").press("Enter")
    await dialog.get_by_label("New tag").fill("FRUIT")
    await browser.screenshot(alice.page, "dialog")
    await dialog.get_by_role("button", name="Save").click()
    await expect(row(tab, "Trains").locator(".tag")).to_have_text(["travel", "Fruit"])

    await tab.page.get_by_role("button", name="travel").click()
    await expect(titles(tab)).to_have_text(["Trains"])
    await choose(alice, "Trains", "Tags…")
    await dialog.get_by_role("button", name="travel").click()
    await dialog.get_by_role("button", name="Save").click()
    await expect(tab.page.get_by_text("Nothing has the tag “travel”")).to_be_visible()
    await tab.page.get_by_role("button", name="travel").click()
    await expect(titles(tab)).to_have_text(["Trains", "Pears"])
    await expect(tab.page.locator(".tag-chip")).to_have_text(["Fruit"])
    assert alice.complaints == tab.complaints == []


async def test_the_menu_and_the_dialog_are_worked_by_keyboard(
    browser: BrowserSession, chat: Deployment
) -> None:
    alice = await opened(browser, chat, Kept("Pears"), Kept("Apples"))
    keyboard = alice.page.keyboard
    options = row(alice, "Apples").get_by_role("button", name="Options")
    await row(alice, "Apples").get_by_role("link").focus()
    await keyboard.press("Tab")
    await expect(options).to_be_focused()
    await keyboard.press("ArrowDown")
    focused = alice.page.locator(":focus")
    await expect(focused).to_have_text("Rename")
    await keyboard.press("End")
    await expect(focused).to_have_text("Delete")
    await keyboard.press("ArrowDown")
    await expect(focused).to_have_text("Rename")
    await keyboard.press("t")
    await expect(focused).to_have_text("Tags…")
    await keyboard.press("Enter")
    await expect(alice.page.get_by_label("New tag")).to_be_focused()
    await keyboard.press("Escape")
    await expect(options).to_be_focused()
    await keyboard.press("ArrowUp")
    await keyboard.press("Escape")
    await expect(alice.page.get_by_role("menu")).to_be_hidden()
    await expect(options).to_be_focused()
    await keyboard.press("ArrowUp")
    await keyboard.press("Enter")
    await expect(titles(alice)).to_have_text(["Pears"])
    await expect(row(alice, "Pears").get_by_role("link")).to_be_focused()
    await keyboard.press("Control+z")
    await expect(titles(alice)).to_have_text(["Apples", "Pears"])
    assert alice.complaints == []


# Nothing can be sent any more, and the page finds out by itself.
MUTE = """() => {
  window.send = WebSocket.prototype.send;
  WebSocket.prototype.send = function () { this.close(); };
}"""


async def test_a_change_made_without_a_connection_is_shown_and_sent_later(
    browser: BrowserSession, chat: Deployment
) -> None:
    alice = await opened(browser, chat, Kept("Pears"), Kept("Apples"))
    tab = await alice.another_tab("/")
    await alice.page.evaluate(MUTE)
    await choose(alice, "Pears", "Pin")
    await expect(titles(alice)).to_have_text(["Pears", "Apples"])
    await expect(alice.page.locator(".connection")).to_be_visible()
    await expect(titles(tab)).to_have_text(["Apples", "Pears"])
    await alice.page.evaluate("() => { WebSocket.prototype.send = window.send }")
    await expect(titles(tab)).to_have_text(["Pears", "Apples"])

    await alice.connected()
    await alice.page.evaluate(MUTE)
    await choose(alice, "Pears", "Delete")
    await expect(titles(alice)).to_have_text(["Apples"])
    await expect(titles(tab)).to_have_text(["Pears", "Apples"])
    await alice.page.reload()
    await expect(titles(tab)).to_have_text(["Apples"])
    await expect(titles(alice)).to_have_text(["Apples"])


async def test_search_finds_as_one_types_and_leads_to_the_message(
    browser: BrowserSession, chat: Deployment
) -> None:
    alice = await Visitor.signed_in(browser, chat, "alice")
    chat.database.long_conversation(alice.person, 130)
    voyage = Kept("A voyage", ("The albatross is a bird", "And the petrel?"))
    await fill(chat, alice.person, voyage, Kept("Albatrosses"))
    await alice.visit("/")
    await alice.page.keyboard.press("Control+k")
    field = alice.page.get_by_role("combobox", name="Search conversations")
    await expect(field).to_be_focused()
    await field.press_sequentially("albatr")
    hits = alice.page.locator(".hit")
    await expect(hits).to_have_count(2)
    await expect(hits.first.locator("mark")).to_have_text("Albatrosses")
    await expect(hits.last.locator("mark")).to_have_text("albatross")
    await browser.screenshot(alice.page, "found")
    await field.press("ArrowDown")
    await field.press("Enter")
    found = alice.page.locator(".found-here")
    await expect(found).to_contain_text("The albatross is a bird")
    await expect(found).to_be_in_viewport()
    await expect(found).to_be_focused()

    # Far above what is loaded.
    await field.fill('"Prompt 4" ')
    await expect(hits).to_have_count(1)
    await field.press("Enter")
    await expect(found).to_contain_text("Prompt 4")
    await expect(found).to_be_in_viewport()
    await browser.screenshot(alice.page, "jumped")
    await expect(found).to_have_count(0)
    await field.press("Escape")
    await expect(titles(alice)).to_have_count(3)
    await expect(field).to_have_value("")
    assert alice.complaints == []


async def test_more_of_the_list_comes_as_one_scrolls(
    browser: BrowserSession, chat: Deployment
) -> None:
    alice = await Visitor.signed_in(browser, chat, "alice")
    for _ in range(60):
        chat.database.long_conversation(alice.person, 2)
    await alice.visit("/")
    await expect(titles(alice)).to_have_count(50)
    await titles(alice).last.scroll_into_view_if_needed()
    await expect(titles(alice)).to_have_count(60)


async def test_a_version_is_chosen_for_every_tab_and_found_again(alice: Visitor) -> None:
    await alice.say("The first heron [[chunks=30 rate=0]]")
    await alice.until("completed")
    prompt = alice.page.locator(".prompt").last
    await prompt.hover()
    await prompt.get_by_role("button", name="Edit").click()
    await prompt.get_by_role("textbox").fill("The second stork [[chunks=30 rate=0]]")
    await prompt.get_by_role("textbox").press("Enter")
    await expect(alice.page.locator(".prompt-text")).to_contain_text("stork")
    await alice.until("completed")
    tab = await alice.another_tab(alice.path)
    await expect(tab.page.locator(".prompt-text")).to_contain_text("stork")

    # The other version is not in the second tab until it is chosen.
    await alice.page.locator(".prompt").get_by_role("button", name="Previous version").click()
    await expect(tab.page.locator(".prompt-text")).to_contain_text("heron")
    await tab.page.reload()
    await expect(tab.page.locator(".prompt-text")).to_contain_text("heron")

    field = tab.page.get_by_role("combobox", name="Search conversations")
    await field.fill("stork")
    await tab.page.locator(".hit").filter(has_text="You").click()
    await expect(tab.page.locator(".found-here")).to_contain_text("stork")
    await expect(alice.page.locator(".prompt-text")).to_contain_text("stork")
    assert alice.complaints == tab.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
async def test_the_list_looks_right_and_is_accessible(
    browser: BrowserSession, chat: Deployment, size: Size, scheme: Scheme
) -> None:
    alice = await opened(browser, chat, *SHELF, size=size, scheme=scheme)
    if size == "phone":
        await alice.page.get_by_role("button", name="Conversations").tap()
    headings = alice.page.locator(".group-heading")
    await expect(headings.first).to_have_text("Pinned")
    await expect(headings).to_have_count(7)
    assert await violations(alice.page) == []
    await menu(alice, "Trains to Lisbon")
    assert await violations(alice.page) == []
    await browser.screenshot(alice.page, "menu")
    await alice.page.get_by_role("menuitem", name="Tags…").click()
    assert await violations(alice.page) == []
    await browser.screenshot(alice.page, "tags")
    await alice.page.keyboard.press("Escape")
    await alice.page.get_by_role("combobox", name="Search conversations").fill("w00")
    await expect(alice.page.locator(".hit").first).to_be_visible()
    assert await violations(alice.page) == []
    await browser.screenshot(alice.page, "search")
    assert alice.complaints == []
