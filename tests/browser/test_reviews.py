"""The queue of reviews at a browser: three are gone through by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.looks import violations
from tests.browser.staff import Staff
from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.database import Person
from tests.support.deployment import Deployment

PROMPTS = (
    "Why is the tide late today? [[echo=1 rate=0]]\n\n## The tide\n\nIt is **late**, by `12 min`.",
    "Name three moons [[status=400]]",
    "Write a haiku about the sea [[chunks=30 rate=0]]",
)
BEGINNINGS = [prompt.split(" [[")[0] for prompt in PROMPTS]
NOTE = "jackal: nothing of this is a key?"


async def rated_down(chat: Deployment) -> Person:
    """Have somebody rate three answers down."""
    alice = chat.sign_up("alice")
    why = {"rating": "down", "reason": "incorrect", "comment": "It is not late at all"}
    async with chat.socket(alice) as socket:
        for prompt in PROMPTS:
            accepted = await socket.prompt(prompt)
            await socket.until_end(accepted["generation"])
            await socket.ask("message.rate", message=accepted["answer"], **why)
    return alice


async def press(page: Page, *keys: str) -> None:
    # A page is there before its scripts are.
    await page.wait_for_load_state("domcontentloaded")
    for key in keys:
        await page.keyboard.press(key)


async def out_of_the_field(page: Page) -> None:
    await page.locator("body").click(position={"x": 2, "y": 2})


async def shows(page: Page, beginning: str) -> None:
    await expect(page.locator(".transcript-entry.is-prompt")).to_contain_text(beginning)


async def walk(page: Page, key: str, beginning: str) -> None:
    await press(page, key)
    await shows(page, beginning)


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
async def test_three_are_reviewed_by_keyboard(
    browser: BrowserSession, chat: Deployment, size: Size, scheme: Scheme
) -> None:
    alice = await rated_down(chat)
    rita = await Staff.signed_in(browser, chat, "rita", size, scheme)
    page, first = rita.page, page_links(rita.page).first
    await rita.visit(f"chat/review/?q={alice.user.username}&why=rated_down")
    await browser.screenshot(page, "list")
    # The search box is Django's own.
    assert [each for each in await violations(page) if "searchbar" not in str(each)] == []
    rita.complaints.clear()
    await first.click()
    await shows(page, BEGINNINGS[0])
    await expect(page.get_by_text("It is not late at all")).to_be_visible()
    await walk(page, "j", BEGINNINGS[1])
    await expect(page.get_by_text("provider_bad_request").first).to_be_visible()
    await walk(page, "k", BEGINNINGS[0])
    await browser.screenshot(page, "page")
    await press(page, "a")
    await expect(page.get_by_role("button", name="Give it back")).to_be_visible()
    await press(page, "n")
    await page.keyboard.type(NOTE)
    await expect(page.get_by_label("Note")).to_have_value(NOTE)
    # What is not sent stays while one looks at another.
    await out_of_the_field(page)
    await walk(page, "j", BEGINNINGS[1])
    await walk(page, "k", BEGINNINGS[0])
    await expect(page.get_by_label("Note")).to_have_value(NOTE)

    for after in BEGINNINGS[1:]:
        await out_of_the_field(page)
        await press(page, "r", "Tab", "Enter")
        await shows(page, after)
    await press(page, "r", "Enter")
    await expect(page.get_by_text("That was the last one of the list.")).to_be_visible()

    await rita.visit(f"chat/review/?q={alice.user.username}&state=resolved")
    await page_links(page).last.click()
    await expect(page.get_by_text(NOTE)).to_be_visible()
    await expect(page.get_by_label("Note")).to_have_value("")
    await rita.assert_looks_well()
    await browser.screenshot(page, "resolved")
    await page.get_by_role("button", name="Open it again").click()
    await expect(page.locator("button[data-key=r]")).to_be_visible()
    await rita.assert_looks_well()


async def test_the_keys_are_listed_and_may_be_switched_off(
    browser: BrowserSession, chat: Deployment
) -> None:
    alice = await rated_down(chat)
    rita = await Staff.signed_in(browser, chat, "rita")
    await rita.visit(f"chat/review/?q={alice.user.username}")
    await page_links(rita.page).first.click()
    sheet = rita.page.get_by_role("dialog", name="Keys")
    await press(rita.page, "?")
    await expect(sheet).to_be_visible()
    await browser.screenshot(rita.page, "keys")
    await rita.assert_looks_well()
    await press(rita.page, "j")
    await sheet.get_by_role("checkbox").uncheck()
    await press(rita.page, "Escape")
    await expect(sheet).to_be_hidden()
    await press(rita.page, "j")
    await rita.page.get_by_role("button", name="Keys").click()
    await expect(sheet).to_be_visible()
    await shows(rita.page, BEGINNINGS[0])
    await sheet.get_by_role("checkbox").check()
    await sheet.get_by_role("button", name="Close").click()
    # On a Russian layout the same key.
    await rita.page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'о', code: 'KeyJ', bubbles: true}))"
    )
    await shows(rita.page, BEGINNINGS[1])


def page_links(page: Page) -> Locator:
    return page.locator("#result_list .field-waiting a")
