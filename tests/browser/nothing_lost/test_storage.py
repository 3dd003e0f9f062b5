"""The browser's storage: broken, forbidden, full, or somebody else's."""

from django.conf import settings
from playwright._impl._api_structures import SetCookieParam
from playwright.async_api import Dialog, expect

from tests.browser.nothing_lost.losing import SHORT, UNSENT, offline, online, stored, write
from tests.browser.person import Visitor
from tests.support.proxy import Proxy
from tests.support.waiting import eventually


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

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

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
