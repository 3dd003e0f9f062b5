"""What is asked of an answer while there is no link takes effect."""

import pytest
from playwright.async_api import expect

from tests.browser.nothing_lost.losing import LONG, WAITING, offline, online, prompts, write
from tests.browser.person import Visitor
from tests.support.proxy import Proxy


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
