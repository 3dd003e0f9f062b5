"""What was written is never lost and never doubled, whatever happens to the link, the page or the browser."""

import contextlib
from collections.abc import Iterator

import pytest
import pytest_asyncio
from django.conf import settings
from playwright._impl._api_structures import SetCookieParam
from playwright.async_api import expect

from tests.browser.person import Visitor
from tests.browser.walk import Walk
from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.deployment import Deployment
from tests.support.proxy import Proxy
from tests.support.waiting import eventually

SHORT = "[[chunks=3 rate=0]]"
LONG = "[[chunks=400 rate=20]]"
WAITING = "Will be sent when the connection is back"
UNSENT = "Object.keys(localStorage).filter((key) => key.startsWith('evochat.unsent.'))"
WALK_STEPS, COMPARE_EVERY = 45, 15
LONG_WALK_DISTURBANCES, LONG_COMPARE_EVERY = 1000, 25
SEED = 20261122


@pytest.fixture
def link(chat: Deployment) -> Iterator[Proxy]:
    """Give a link to the web process that can be made to fail."""
    proxy = Proxy(chat.webs[0].port).start()
    yield proxy
    proxy.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def alice(browser: BrowserSession, chat: Deployment, link: Proxy) -> Visitor:
    """Give a person at a desktop, signed in, who reaches the chat over the link."""
    url = f"http://127.0.0.1:{link.port}"
    return await Visitor.signed_in(browser, chat, "alice", url=url)


async def offline(visitor: Visitor, link: Proxy) -> None:
    link.cut(reset=True)
    await visitor.page.wait_for_function("() => evochat.state().connection.phase === 'offline'")


async def online(visitor: Visitor, link: Proxy) -> None:
    link.restore()
    await visitor.page.evaluate("dispatchEvent(new Event('online'))")
    await visitor.connected()


async def write(visitor: Visitor, *texts: str) -> None:
    for text in texts:
        await visitor.composer.fill(text)
        await visitor.composer.press("Enter")


def prompts(visitor: Visitor) -> list[str]:
    stored = visitor.chat.database.messages_of(visitor.person)
    return [message.content for message in stored if message.role == "user"]


async def stored(visitor: Visitor, *texts: str) -> None:
    """Wait until the prompts are in the database, and hold that they stay those."""
    await eventually(lambda: prompts(visitor) == list(texts), f"stored: {texts}", 30)


def give_away(visitor: Visitor) -> None:
    """Make the open conversation somebody else's: to the one who had it, it is no longer there."""
    visitor.chat.database.execute(
        "UPDATE chat_conversation SET owner_id = %s WHERE id = %s",
        visitor.chat.sign_up("heir").user.pk,
        visitor.conversation.replace("-", ""),
    )


async def settled(visitor: Visitor) -> None:
    await visitor.page.wait_for_function(
        "() => evochat.state().outbox.length === 0 && Object.keys(evochat.state().live).length === 0",
        timeout=30_000,
    )


# -- Typed and not sent ----------------------------------------------------------------------------


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


# -- Sent and not acknowledged ---------------------------------------------------------------------


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


# -- Stop, Continue, another answer ----------------------------------------------------------------


@pytest.mark.parametrize("is_reloaded", [False, True], ids=["reconnect", "reload"])
async def test_a_stop_pressed_offline_takes_effect(
    alice: Visitor, link: Proxy, is_reloaded: bool
) -> None:
    await alice.say(f"Stop me {LONG}")
    await alice.until_text("w0002")
    await offline(alice, link)
    await alice.page.get_by_role("button", name="Stop").click()
    link.restore()
    if is_reloaded:
        await alice.page.reload()
    else:
        await online(alice, link)
    await alice.until("cancelled")
    await alice.assert_shows_what_is_stored()
    await alice.page.wait_for_function("() => Object.keys(evochat.state().stops).length === 0")
    assert not await alice.page.evaluate(
        "Object.keys(localStorage).filter((key) => key.startsWith('evochat.stop.')).length"
    )


async def test_stop_takes_back_what_has_not_left(alice: Visitor, link: Proxy) -> None:
    await offline(alice, link)
    await write(alice, "One", "Two")
    await alice.page.get_by_role("button", name="Stop").click()
    await expect(alice.composer).to_have_value("One\n\nTwo")
    link.restore()
    await alice.page.reload()
    await alice.connected()
    await expect(alice.composer).to_have_value("One\n\nTwo")
    assert prompts(alice) == []


async def test_what_stop_brings_back_is_not_written_over_by_the_next_key(
    alice: Visitor, link: Proxy
) -> None:
    await offline(alice, link)
    await write(alice, "Hello")
    await expect(alice.page.locator("[data-mode=stop]")).to_be_visible()
    # Before the page has drawn a frame.
    await alice.page.evaluate("""() => {
      document.querySelector("[data-mode=stop]").click();
      document.getElementById("prompt").focus();
      document.execCommand("insertText", false, " and more");
    }""")
    await expect(alice.composer).to_have_value("Hello and more")


@pytest.mark.parametrize("name", ["Continue", "Answer again"])
async def test_what_is_asked_of_an_answer_survives_a_reload(
    alice: Visitor, link: Proxy, name: str
) -> None:
    text = f"Go on {name} {LONG}"
    await alice.say(text)
    await alice.until_text("w0002")
    await alice.page.get_by_role("button", name="Stop").click()
    await alice.until("cancelled")
    await offline(alice, link)
    await alice.page.get_by_role("button", name=name).click()
    await expect(alice.page.get_by_text(WAITING)).to_be_visible()
    link.restore()
    await alice.page.reload()
    await alice.until("live")
    await alice.page.get_by_role("button", name="Stop").click()
    await alice.until("cancelled")
    generations = alice.chat.database.generations_of(alice.person)
    assert len(generations) == 2
    assert (generations[1].continues_id == generations[0].pk) == (name == "Continue")
    await alice.assert_shows_what_is_stored()


# -- Refused ---------------------------------------------------------------------------------------


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


# -- The browser's storage -------------------------------------------------------------------------


async def test_garbage_in_the_storage_breaks_nothing(alice: Visitor, link: Proxy) -> None:
    await offline(alice, link)
    await write(alice, f"Good {SHORT}")
    await alice.page.evaluate(
        """user => {
          const key = "00000000-0000-4000-8000-000000000000";
          const put = (name, text) => localStorage.setItem(name, text);
          put(`evochat.unsent.${user}.nonsense`, "{");
          put(`evochat.unsent.${user}.${key}`, JSON.stringify({ kind: "send", key, content: 7, place: null }));
          put(`evochat.unsent.${user}.other`, JSON.stringify({ kind: "send", key, content: "x", place: "y", created: 1 }));
          put(`evochat.unsent.${user}.null`, "null");
          put(`evochat.stop.${user}.<b>`, "1");
          put(`evochat.draft.${user}.new`, "[]");
          put(`evochat.draft.${user}.x`, '{"text": 5}');
        }""",
        alice.person.user.pk,
    )
    link.restore()
    await alice.page.reload()
    await stored(alice, f"Good {SHORT}")
    await alice.until("completed")
    assert not [line for line in alice.complaints if "ERR_" not in line and "WebSocket" not in line]


async def test_without_storage_the_browser_asks_before_it_forgets(
    alice: Visitor, link: Proxy
) -> None:
    await alice.page.evaluate(
        "() => { Storage.prototype.setItem = () => { throw new Error('full'); }; }"
    )
    await offline(alice, link)
    await write(alice, f"In memory {SHORT}")
    asked: list[str] = []

    async def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        await dialog.dismiss()  # type: ignore[attr-defined]

    alice.page.on("dialog", stay)
    await alice.page.evaluate("setTimeout(() => location.reload())")
    await eventually(lambda: asked == ["beforeunload"], "the browser asks")
    await online(alice, link)
    await stored(alice, f"In memory {SHORT}")


async def test_a_full_storage_gives_up_drafts_before_prompts(alice: Visitor, link: Proxy) -> None:
    await offline(alice, link)
    await alice.page.evaluate(
        """user => {
          const text = "x".repeat(1_000_000);
          for (let n = 0; n < 20; n += 1) {
            try {
              localStorage.setItem(`evochat.draft.${user}.${n}`, JSON.stringify({ text, at: n }));
            } catch { return; }
          }
        }""",
        alice.person.user.pk,
    )
    await write(alice, f"{'y' * 90_000} {SHORT}", f"{'z' * 90_000} {SHORT}")
    assert len(await alice.page.evaluate(UNSENT)) == 2
    link.restore()
    await alice.page.reload()
    await stored(alice, f"{'y' * 90_000} {SHORT}", f"{'z' * 90_000} {SHORT}")


async def test_another_person_at_the_same_browser_neither_sees_nor_sends(
    alice: Visitor, link: Proxy
) -> None:
    await alice.composer.fill("My secret draft")
    await alice.new_chat()
    await offline(alice, link)
    await write(alice, f"My secret {SHORT}")
    await alice.composer.fill("My secret draft")
    bob = alice.chat.sign_up("bob")
    name, url = settings.SESSION_COOKIE_NAME, alice.url
    alices: SetCookieParam = {"name": name, "value": alice.person.session_key, "url": url}
    bobs: SetCookieParam = {"name": name, "value": bob.session_key, "url": url}
    # Alice's page is open still, and its socket opens in the name of bob.
    await alice.page.context.add_cookies([bobs])
    link.restore()
    await alice.page.evaluate("dispatchEvent(new Event('online'))")
    await alice.page.wait_for_function(
        "id => window.evochat?.state().user?.id === id && evochat.state().connection.phase === 'ready'",
        arg=bob.user.pk,
    )
    assert await alice.page.evaluate("evochat.state().outbox.length") == 0
    await expect(alice.composer).to_have_value("")
    await expect(alice.page.get_by_text("My secret")).to_have_count(0)
    await alice.page.context.add_cookies([alices])
    await alice.visit("/")
    await expect(alice.composer).to_have_value("My secret draft")
    await stored(alice, f"My secret {SHORT}")
    assert alice.chat.database.messages_of(bob) == []


# -- All of it, at random --------------------------------------------------------------------------


async def test_a_random_walk_loses_and_doubles_nothing(alice: Visitor, link: Proxy) -> None:
    walk = Walk(alice, link, SEED)
    for number in range(1, WALK_STEPS + 1):
        await walk.step()
        if number % COMPARE_EVERY == 0:
            await walk.compare()
    assert walk.compared
    print(f"seed {SEED}: {dict(walk.steps)}, {walk.compared} texts compared")


@pytest.mark.chaos
@pytest.mark.timeout(4 * 3600)
async def test_a_thousand_drops_reloads_and_second_tabs(alice: Visitor, link: Proxy) -> None:
    walk = Walk(alice, link, SEED + 1)
    while walk.disturbances < LONG_WALK_DISTURBANCES:
        for _ in range(LONG_COMPARE_EVERY):
            await walk.step()
        await walk.compare()
        print(
            f"seed {SEED + 1}: {walk.disturbances} disturbances, {walk.compared} texts compared, {dict(walk.steps)}",
            flush=True,
        )
        await walk.begin_anew()
