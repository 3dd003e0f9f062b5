"""The server goes and comes back; sessions end; nothing that was written is lost."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect
from pytest_django import DjangoDbBlocker

from tests.browser.person import Visitor
from tests.support.browser import BrowserSession
from tests.support.deployment import Deployment, deployed
from tests.support.processes import Processes


@pytest.fixture
def chat(
    _migrated_sqlite: Path, tmp_path: Path, processes: Processes, django_db_blocker: DjangoDbBlocker
) -> Iterator[Deployment]:
    """Give a deployment of this test's own, to stop and start."""
    file = shutil.copy(_migrated_sqlite, tmp_path / "evochat.sqlite3")
    with deployed(processes, f"sqlite:///{file}", django_db_blocker) as deployment:
        deployment.add_web()
        yield deployment


def restart(chat: Deployment) -> None:
    port = chat.webs[0].port
    chat.processes.serve(port=port, name="again", env=chat.env)


async def test_what_is_written_while_the_server_is_away_is_sent_when_it_is_back(
    alice: Visitor, browser: BrowserSession
) -> None:
    await alice.say("Before [[chunks=3 rate=0]]")
    await alice.until("completed")
    alice.chat.webs[0].stop()
    notice = alice.page.locator(".connection")
    await expect(notice).to_be_visible()
    await alice.say("While away [[chunks=4 rate=0]]")
    waiting = alice.page.get_by_text("Will be sent when the connection is back")
    await expect(waiting).to_be_visible()
    await browser.screenshot(alice.page, "offline")
    restart(alice.chat)
    await alice.until("completed")
    assert await alice.read() == "w0001 w0002 w0003 w0004"
    await expect(notice).to_be_hidden()
    await expect(waiting).to_have_count(0)
    stored = alice.chat.database.messages_of(alice.person)
    assert [message.content for message in stored if message.role == "user"] == [
        "Before [[chunks=3 rate=0]]",
        "While away [[chunks=4 rate=0]]",
    ]


async def test_what_waits_survives_a_reload(alice: Visitor) -> None:
    await alice.page.context.set_offline(True)
    await alice.page.evaluate("dispatchEvent(new Event('offline'))")
    alice.chat.webs[0].stop()
    await expect(alice.page.locator(".connection")).to_be_visible()
    await alice.say("Kept [[chunks=2 rate=0]]")
    waiting = await alice.page.evaluate(
        "Object.keys(localStorage).filter((key) => key.startsWith('evochat.unsent.')).length"
    )
    assert waiting == 1
    await alice.page.context.set_offline(False)
    await alice.page.evaluate("stop()")
    restart(alice.chat)
    await alice.visit("/")
    await alice.until("completed")
    assert len(alice.chat.database.messages_of(alice.person)) == 2
    kept = await alice.page.evaluate(
        "Object.keys(localStorage).filter((k) => k.includes('unsent'))"
    )
    assert kept == []


async def test_a_killed_server_leaves_the_text_and_a_way_on(
    alice: Visitor, browser: BrowserSession
) -> None:
    await alice.say("[[chunks=60 rate=50 hold=20]]")
    await alice.until_text("w0020")
    shown = await alice.raw()
    alice.chat.webs[0].kill()
    restart(alice.chat)
    await expect(alice.answer).to_have_attribute("data-status", "interrupted", timeout=40_000)
    assert await alice.raw() == shown
    await alice.assert_shows_what_is_stored()
    await expect(alice.page.get_by_role("button", name="Continue")).to_be_visible()
    await browser.screenshot(alice.page, "interrupted")


async def test_an_ended_session_leads_to_sign_in_and_back(alice: Visitor) -> None:
    await alice.say("[[chunks=2 rate=0]]")
    await alice.until("completed")
    path = alice.path
    alice.chat.database.execute(
        "DELETE FROM django_session WHERE session_key = %s", alice.person.session_key
    )
    alice.chat.webs[0].stop()
    restart(alice.chat)
    await alice.page.wait_for_url(f"{alice.chat.webs[0].url}/accounts/login/?next=*")
    assert path.replace("/", "%2F") in alice.page.url


async def test_a_page_that_lacks_a_script_says_so_and_keeps_what_is_typed(alice: Visitor) -> None:
    await alice.page.route("**/chat/js/follow*.js", lambda route: route.abort())
    await alice.page.goto(f"{alice.url}/")
    notice = alice.page.get_by_role("alert")
    await expect(notice).to_contain_text("This page did not load completely.")
    await alice.composer.fill("[[chunks=2 rate=0]] typed too early")
    await alice.page.unroute("**/chat/js/follow*.js")
    await notice.get_by_role("button", name="Load it again").click()
    await alice.connected()
    await expect(alice.composer).to_have_value("[[chunks=2 rate=0]] typed too early")
    await alice.composer.press("Enter")
    await alice.until("completed")
    alice.complaints.clear()
