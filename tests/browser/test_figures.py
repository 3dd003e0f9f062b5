"""The page of figures at a desk and on a phone: charts, the same numbers in tables, and nothing to complain of."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.looks import overflow, violations
from tests.browser.person import Visitor
from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.deployment import Deployment

# What the charts hold, and what the tables beside them say.
DRAWN = """() => Object.values(Chart.instances).map((chart) =>
  chart.data.datasets.map((one) => [one.label, ...one.data]))"""
WRITTEN = """() => [...document.querySelectorAll(".figures-chart:has(canvas)")].map((section) =>
  [...section.querySelectorAll("thead th")].flatMap((head, place) => head.hasAttribute("data-drawn")
    ? [[head.textContent, ...[...section.querySelectorAll("tbody tr")].map((row) =>
        "value" in row.cells[place].dataset ? Number(row.cells[place].dataset.value) : null)]]
    : []))"""
A_WEEK = """
UPDATE chat_generation SET
  created_at = strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '-' || (rowid %% 7) || ' days'),
  model = CASE rowid %% 3 WHEN 0 THEN 'scripted/echo-2' ELSE 'scripted/echo-1' END,
  status = CASE rowid %% 11 WHEN 3 THEN 'failed' WHEN 5 THEN 'cancelled' ELSE 'completed' END,
  code = CASE WHEN rowid %% 11 <> 3 THEN '' WHEN rowid %% 2 THEN 'timeout' ELSE 'rate_limited' END,
  input_tokens = 400 + rowid %% 7 * 310, output_tokens = 200 + rowid %% 5 * 170,
  cost = 0.5 + rowid %% 4 * 0.33, queue_ms = rowid %% 6 * 40,
  ttft_ms = 300 + rowid %% 13 * 90, total_ms = 4000 + rowid %% 17 * 200
WHERE owner_id = %s
"""
STAFF = "UPDATE chat_user SET is_staff = true, is_superuser = true WHERE id = %s"


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
async def test_charts_say_what_their_tables_say(
    browser: BrowserSession, chat: Deployment, size: Size, scheme: Scheme
) -> None:
    alice = await Visitor.signed_in(browser, chat, "alice", size, scheme)
    page, me = alice.page, alice.person.user
    chat.database.execute(STAFF, me.pk)
    chat.database.long_conversation(alice.person, 160)
    chat.database.execute(A_WEEK, me.pk)
    await page.goto(f"{alice.url}/admin/")
    await page.get_by_role("link", name="Figures").click()
    await page.get_by_label("User", exact=True).fill(me.username)
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.get_by_role("img", name="Tokens: a chart")).to_be_visible()
    drawn = await page.evaluate(DRAWN)
    assert len(drawn) == 11
    assert drawn == await page.evaluate(WRITTEN)
    assert sum(drawn[1][0][1:]) == 7, "she was active on each of seven days"
    assert await violations(page) == []
    assert await overflow(page) == 0
    await browser.screenshot(page, "top")
    # The numbers open by keyboard, and what is wide scrolls in a place of its own.
    numbers = page.get_by_text("Answers in numbers")
    await numbers.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("region", name="Answers in numbers")).to_be_visible()
    assert await overflow(page) == 0
    await browser.screenshot(page, "numbers")
    for title in ("Time to the first word", "Models", "Errors by code"):
        await page.get_by_role("heading", name=title, exact=True).scroll_into_view_if_needed()
        await browser.screenshot(page, title)
    await page.get_by_role("link", name="24 hours").click()
    await expect(page.get_by_label("User", exact=True)).to_have_value(me.username)
    await page.get_by_label("From").fill("2026-02-02")
    await page.get_by_label("To", exact=True).fill("2026-02-01")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.get_by_role("alert")).to_have_text("The period ends before it begins.")
    assert await violations(page) == []
    await browser.screenshot(page, "refused")
    assert [said for said in alice.complaints if "400 (Bad Request)" not in said] == []
