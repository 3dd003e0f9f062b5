"""The lists of the admin in a browser: searched, narrowed down and paged, by keyboard and on a phone."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.looks import overflow, violations
from tests.browser.person import Visitor
from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.deployment import Deployment

LIST = "/admin/chat/conversation/"


async def reviewer(
    browser: BrowserSession, chat: Deployment, size: Size, scheme: Scheme, locale: str
) -> Visitor:
    bob = await Visitor.signed_in(browser, chat, "bob", size, scheme, locale=locale)
    chat.database.execute(
        "UPDATE chat_user SET is_staff = true, is_superuser = true WHERE id = %s",
        bob.person.user.pk,
    )
    chat.database.long_conversation(bob.person, 120)
    return bob


@pytest.mark.parametrize(
    ("size", "scheme", "locale"), [("desktop", "light", "en-US"), ("phone", "dark", "ru-RU")]
)
async def test_staff_find_what_was_said(
    browser: BrowserSession, chat: Deployment, size: Size, scheme: Scheme, locale: str
) -> None:
    bob = await reviewer(browser, chat, size, scheme, locale)
    page = bob.page
    name = bob.person.user.username

    await page.goto(f"{bob.url}{LIST}?q=paragraph&user={name}")
    await expect(page.locator("#result_list mark").first).to_have_text("paragraph")
    assert await overflow(page) == 0
    await browser.screenshot(page, f"found-{size}")
    await page.locator(".list-hit a").first.click()
    await page.wait_for_url("**/change/**#message-*")

    await page.goto(f"{bob.url}/admin/chat/message/?q=paragraph")
    await page.locator("#id_user").fill(name)
    await page.locator("#id_tokens_to").fill("-3")
    await page.locator("#id_tokens_to").press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    assert "status" not in page.url
    await page.locator("#id_tokens_to").scroll_into_view_if_needed()
    await browser.screenshot(page, f"corrected-{size}")
    await page.locator("#id_tokens_to").fill("")
    await page.locator("#id_tokens_to").press("Enter")
    older = page.locator(".list-pages a[rel=next]")
    await older.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/?before=*&q=paragraph&user={name}")
    await expect(page.locator("#result_list tbody tr")).to_have_count(10)
    await page.locator(".list-pages").scroll_into_view_if_needed()
    await browser.screenshot(page, f"older-{size}")
    assert await overflow(page) == 0
    ours = [
        found for found in await violations(page) if "list-" in str(found) or "id_" in str(found)
    ]
    assert ours == []
    assert bob.complaints == []
