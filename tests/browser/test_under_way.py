"""The list of what is under way, open in a browser: it keeps itself up to date and says when it cannot."""

import uuid

from playwright.async_api import expect

from tests.browser.staff import Staff
from tests.support.browser import BrowserSession
from tests.support.deployment import Deployment


async def test_the_list_follows_what_is_asked_and_no_row_moves_from_under_who_is_on_it(
    browser: BrowserSession, chat: Deployment
) -> None:
    first, second = (f"{uuid.uuid4()} [[chunks=4 rate=0 hold=2]]" for _ in range(2))
    async with chat.socket(chat.sign_up("alice")) as socket:
        running = await socket.prompt(first)
        await socket.until_text(running["generation"], 2)
        olga = await Staff.signed_in(browser, chat, "olga", "phone", "dark")
        await olga.visit("chat/generation/under-way/")
        page = olga.page
        watch = page.get_by_role("link", name=f"Watch {running['generation']}")
        await watch.focus()
        later = await socket.prompt(second)
        row = page.locator(f"li[data-id='{running['generation']}']")
        await expect(page.get_by_role("link", name=f"Watch {later['generation']}")).to_be_visible()
        await expect(watch).to_be_focused()
        await browser.screenshot(page, "follows")

        await chat.evolution.release_when_held(first, second)
        await socket.until_end(running["generation"])
        await expect(row.get_by_text("Ended")).to_be_visible()
        await expect(watch).to_be_focused()
        await browser.screenshot(page, "ended")
        await page.get_by_role("link", name="Look again").focus()
        await expect(row).to_have_count(0)

    await page.context.set_offline(True)
    lost = page.get_by_text("The server does not answer.")
    await expect(lost).to_be_visible()
    await expect(lost.locator("time")).to_have_text(
        await page.locator("[data-part=at]").inner_text()
    )
    await browser.screenshot(page, "lost")
    await page.context.set_offline(False)
    await expect(lost).to_be_hidden()
    pause = page.get_by_role("button", name="Pause")
    await pause.press("Enter")
    await expect(page.get_by_text("Paused.")).to_be_visible()
    await expect(pause).to_have_attribute("aria-pressed", "true")
    await pause.press("Enter")
    await expect(page.get_by_text("Paused.")).to_be_hidden()
    olga.complaints = [each for each in olga.complaints if "ERR_INTERNET_DISCONNECTED" not in each]
    await olga.assert_looks_well()
