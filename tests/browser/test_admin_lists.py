"""The lists of the admin in a browser: searched, narrowed down and paged, by keyboard and on a phone."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.looks import overflow, violations
from tests.browser.staff import Staff
from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.deployment import Deployment


@pytest.mark.parametrize(
    ("size", "scheme", "locale"), [("desktop", "light", "en-US"), ("phone", "dark", "ru-RU")]
)
async def test_staff_find_what_was_said(
    browser: BrowserSession, chat: Deployment, size: Size, scheme: Scheme, locale: str
) -> None:
    alice = chat.sign_up("alice")
    name = alice.user.username
    chat.database.long_conversation(alice, 120)
    bob = await Staff.signed_in(browser, chat, "bob", size, scheme, locale)
    page = bob.page

    await bob.visit(f"chat/conversation/?q=paragraph&user={name}")
    await expect(page.locator("#result_list mark").first).to_have_text("paragraph")
    await browser.screenshot(page, f"found-{size}")
    await page.locator(".list-hit a").first.click()
    await page.wait_for_url("**/change/**#message-*")

    chat.database.execute(
        f"UPDATE chat_conversation SET title = '{'y' * 200}' WHERE owner_id = {alice.user.pk}"
    )
    await bob.visit(f"chat/conversation/?user={name}")
    title, owner = page.locator("#result_list .field-named"), page.locator(".field-owner")
    await expect(title).to_contain_text("yyy")
    await expect(owner.first).to_be_in_viewport(ratio=1)

    await bob.visit("chat/message/?q=paragraph")
    await page.locator("#id_user").fill(name)
    most = page.locator("#id_tokens_to")
    await most.fill("-3")
    await most.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    assert "status" not in page.url
    await most.scroll_into_view_if_needed()
    await browser.screenshot(page, f"corrected-{size}")
    await most.fill("")
    await most.press("Enter")
    await page.locator(".list-pages a[rel=next]").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/?before=*&q=paragraph&user={name}")
    await expect(page.locator("#result_list tbody tr")).to_have_count(10)
    await page.locator(".list-pages").scroll_into_view_if_needed()
    await browser.screenshot(page, f"older-{size}")
    assert bob.complaints == [], bob.complaints
    assert await overflow(page) == 0
    assert await violations(page) == []
