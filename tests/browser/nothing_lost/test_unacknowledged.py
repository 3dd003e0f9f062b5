"""What was sent and not acknowledged is sent again, once, by whoever has it."""

import contextlib

from playwright.async_api import expect

from tests.browser.nothing_lost.losing import (
    SHORT,
    UNSENT,
    WAITING,
    offline,
    online,
    prompts,
    settled,
    stored,
    write,
)
from tests.browser.person import Visitor
from tests.support.proxy import Proxy


async def test_the_order_is_kept_before_the_conversation_exists(
    alice: Visitor, link: Proxy
) -> None:
    await offline(alice, link)
    texts = [f"{word} {SHORT}" for word in ("First", "Second", "Third")]
    await write(alice, *texts)
    await expect(alice.page.get_by_text(WAITING)).to_have_count(1)
    await expect(alice.page.get_by_text("Waits for the message above")).to_have_count(2)
    link.restore()
    await alice.page.reload()
    await stored(alice, *texts)
    await settled(alice)
    assert len(alice.chat.database.conversations_of(alice.person)) == 1
    await alice.assert_shows_what_is_stored()


async def test_enter_in_the_moment_of_a_reload(alice: Visitor) -> None:
    await alice.composer.fill(f"Now {SHORT}")
    await alice.page.evaluate(
        """() => {
          const text = document.querySelector("[data-part=text]");
          text.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
          location.reload();
        }"""
    )
    await stored(alice, f"Now {SHORT}")
    # It may have been accepted before the page went: then it is in the list.
    await alice.connected()
    await alice.page.locator(".conversations a").click()
    await alice.until("completed")
    assert len(alice.chat.database.conversations_of(alice.person)) == 1


async def test_enter_before_the_first_connection(alice: Visitor, link: Proxy) -> None:
    link.delay(0.5)
    await alice.page.goto(alice.url, wait_until="commit")
    await alice.page.wait_for_function("() => window.evochat")
    await write(alice, f"Early {SHORT}")
    link.restore()
    await stored(alice, f"Early {SHORT}")
    await alice.until("completed")


async def test_a_crash_of_the_tab_loses_nothing(alice: Visitor, link: Proxy) -> None:
    await offline(alice, link)
    await write(alice, f"Before the crash {SHORT}")
    await alice.composer.fill("And half a thought")
    with contextlib.suppress(Exception):
        # The page is gone before it can answer.
        await alice.page.goto("chrome://crash", timeout=3000)
    link.restore()
    tab = await alice.another_tab("/")
    await expect(tab.composer).to_have_value("And half a thought")
    await stored(alice, f"Before the crash {SHORT}")


async def test_a_lost_acknowledgement_makes_no_second_message(alice: Visitor, link: Proxy) -> None:
    link.black_hole("down")
    await write(alice, f"Acknowledged once {SHORT}")
    await stored(alice, f"Acknowledged once {SHORT}")
    link.drop()
    link.restore()
    await alice.page.evaluate("dispatchEvent(new Event('online'))")
    await settled(alice)
    await alice.until("completed")
    assert prompts(alice) == [f"Acknowledged once {SHORT}"]
    assert len(await alice.chat.evolution.calls(f"Acknowledged once {SHORT}")) == 1
    assert await alice.page.evaluate(UNSENT) == []


async def test_a_closed_tab_leaves_its_prompts_to_the_others(alice: Visitor, link: Proxy) -> None:
    tab = await alice.another_tab("/")
    await offline(alice, link)
    await write(alice, f"Left behind {SHORT}", f"And this {SHORT}")
    await alice.page.close()
    link.restore()
    await stored(tab, f"Left behind {SHORT}", f"And this {SHORT}")
    await expect(tab.page.locator(".conversations a")).to_have_count(1)
    await tab.page.wait_for_function(f"() => {UNSENT}.length === 0")


async def test_a_tab_sends_only_what_is_its_own(alice: Visitor, link: Proxy) -> None:
    await offline(alice, link)
    await write(alice, f"Mine {SHORT}")
    link.restore()
    tab = await alice.another_tab("/")
    assert await tab.page.evaluate("evochat.state().outbox.length") == 0
    await stored(alice, f"Mine {SHORT}")


async def test_an_unsent_conversation_can_be_left_and_come_back_to(
    alice: Visitor, link: Proxy
) -> None:
    await offline(alice, link)
    await write(alice, f"One {SHORT}")
    await alice.page.get_by_role("link", name="New chat").click()
    await write(alice, f"Two {SHORT}")
    await expect(alice.page.locator(".unborn")).to_have_count(2)
    await alice.page.locator(".unborn").last.click()
    await expect(alice.page.locator(".prompt")).to_contain_text("One")
    await online(alice, link)
    await stored(alice, f"One {SHORT}", f"Two {SHORT}")
    await expect(alice.page.locator(".unborn")).to_have_count(0)
    assert len(alice.chat.database.conversations_of(alice.person)) == 2
