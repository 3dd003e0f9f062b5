"""What is refused is kept, says why, and can be edited or discarded."""

import pytest
from playwright.async_api import expect

from tests.browser.nothing_lost.losing import (
    SHORT,
    UNSENT,
    give_away,
    offline,
    online,
    stored,
    write,
)
from tests.browser.person import Visitor
from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.deployment import Deployment
from tests.support.proxy import Proxy


async def test_a_refused_message_says_why_and_can_be_edited(alice: Visitor, link: Proxy) -> None:
    """Written before the page knows the limit, so that only the server can refuse it."""
    long = "x" * 100_001
    link.delay(0.5)
    await alice.page.goto(alice.url, wait_until="commit")
    await alice.page.wait_for_function("() => window.evochat")
    await write(alice, long, f"After it {SHORT}")
    link.restore()
    await expect(
        alice.page.get_by_role("log").get_by_text("Not sent: This message is too long.")
    ).to_be_visible()
    await alice.page.reload()
    await expect(
        alice.page.get_by_role("log").get_by_text("Not sent: This message is too long.")
    ).to_be_visible()
    await alice.page.get_by_role("button", name="Edit", exact=True).first.click()
    await expect(alice.composer).to_have_value(long)
    await stored(alice, f"After it {SHORT}")


async def test_a_message_in_a_conversation_that_is_gone_can_be_discarded(
    alice: Visitor, link: Proxy
) -> None:
    await alice.say(SHORT)
    await alice.until("completed")
    await offline(alice, link)
    await write(alice, "Into the void")
    give_away(alice)
    await online(alice, link)
    said = alice.page.get_by_role("log").get_by_text(
        "Not sent: This conversation is no longer there."
    )
    await expect(said).to_be_visible()
    await alice.page.get_by_role("button", name="Discard").click()
    await expect(said).to_have_count(0)
    assert await alice.page.evaluate(UNSENT) == []


@pytest.mark.parametrize(
    ("size", "scheme"), [("desktop", "light"), ("desktop", "dark"), ("phone", "light")]
)
async def test_how_what_is_not_sent_looks(
    browser: BrowserSession, chat: Deployment, link: Proxy, size: Size, scheme: Scheme
) -> None:
    url = f"http://127.0.0.1:{link.port}"
    carol = await Visitor.signed_in(browser, chat, "carol", size, scheme, url)
    await carol.say(f"What is a WebSocket? {SHORT}")
    await carol.until("completed")
    await offline(carol, link)
    await write(
        carol, "And how does it differ from an ordinary request?", "With an example, please."
    )
    await expect(carol.page.get_by_text("Waits for the message above")).to_be_visible()
    await browser.screenshot(carol.page, "waiting")
    assert await carol.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    give_away(carol)
    await online(carol, link)
    await expect(carol.page.get_by_role("log").get_by_text("Not sent: ")).to_be_visible()
    await browser.screenshot(carol.page, "not-sent")
    for name in ("Retry", "Edit", "Discard"):
        await expect(carol.page.get_by_role("button", name=name, exact=True).first).to_be_visible()
    assert await carol.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
