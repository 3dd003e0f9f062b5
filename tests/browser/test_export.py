"""An export in a browser: from a list to a whole file, followed by a bar, at a desktop and on a phone."""

from __future__ import annotations

import asyncio
import json

import pytest
from playwright.async_api import expect

from tests.browser.staff import Staff
from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.deployment import Deployment

ROWS = 400
REASONING_CHARS = 100_000


@pytest.mark.parametrize(
    ("size", "scheme", "locale", "words"),
    [
        (
            "desktop",
            "light",
            "en-US",
            ("Export", "Prepare the export", "Download", "Done: the file is whole"),
        ),
        (
            "phone",
            "dark",
            "ru-RU",
            ("Выгрузить", "Подготовить выгрузку", "Скачать", "Готово: файл полный"),
        ),
    ],
)
async def test_a_list_is_taken_out_as_a_whole_file(
    browser: BrowserSession,
    chat: Deployment,
    size: Size,
    scheme: Scheme,
    locale: str,
    words: tuple[str, ...],
) -> None:
    export, prepare, download, whole = words
    root = await Staff.signed_in(browser, chat, "root", size, scheme, locale)
    alice, page = chat.sign_up("alice"), root.page
    conversation = chat.database.long_conversation(alice, ROWS)
    # In the past, and too much for what lies between server and browser.
    chat.database.execute(
        "UPDATE chat_message SET created_at = '2026-01-01 00:00:00', reasoning = %s WHERE conversation_id = %s",
        "x" * REASONING_CHARS,
        conversation.hex,
    )

    await root.visit(f"chat/message/?user={alice.user.username}&role=user")
    await page.get_by_role("link", name=export, exact=True).click()
    await expect(page.locator(".export-narrowed li")).to_have_count(2)
    await page.get_by_label("JSON Lines").check()
    await browser.screenshot(page, f"asked-{size}")
    await root.assert_looks_well()
    await page.get_by_role("button", name=prepare).click()

    state, bar = page.get_by_role("status"), page.get_by_role("progressbar")
    await expect(bar).to_have_attribute("max", str(ROWS // 2))
    await browser.screenshot(page, f"ready-{size}")
    await root.assert_looks_well()
    async with page.expect_download() as started:
        await page.get_by_role("button", name=download).press("Enter")
    file = await (await started.value).path()
    await expect(state).to_have_text(whole)
    await expect(page.get_by_role("button", name=download)).to_be_hidden()
    await browser.screenshot(page, f"done-{size}")
    await root.assert_looks_well()
    lines = [json.loads(line) for line in (await asyncio.to_thread(file.read_text)).splitlines()]
    assert lines[-1] == {"end": True, "rows": ROWS // 2}
    assert {line["role"] for line in lines[:-1]} == {"user"}

    await page.reload()
    await expect(state).to_have_text(whole)
    await expect(bar).to_have_js_property("value", ROWS // 2)
    assert root.complaints == []
