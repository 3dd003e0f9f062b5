"""What the page says of an answer besides its text: numbers, what was left out, how it ended."""

from collections.abc import Iterator

import pytest
from playwright.async_api import expect
from pytest_django import DjangoDbBlocker

from tests.browser.looks import overflow
from tests.browser.person import Visitor
from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.deployment import Deployment, deployed
from tests.support.processes import Processes
from tests.support.waiting import eventually

ONLY_THOUGHT = "The model only thought and gave no answer"
LEFT_OUT = "The 4 oldest messages did not fit the model's context and were left out."


@pytest.fixture
def own_chat(
    processes: Processes, sqlite_url: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[Deployment]:
    """Give a chat of this test's own: what it changes about the models no other test sees."""
    with deployed(processes, sqlite_url, django_db_blocker, EVOLUTION_TITLES="0") as deployment:
        deployment.add_web()
        yield deployment


async def numbers(alice: Visitor) -> dict[str, str]:
    """Read the open list of the last answer's numbers."""
    rows = await alice.answer.locator(".details dl div").all_inner_texts()
    return dict(row.replace("\xa0", " ").split("\n", 1) for row in rows)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
async def test_an_answer_opens_its_numbers(
    browser: BrowserSession, chat: Deployment, size: Size, scheme: Scheme
) -> None:
    alice = await Visitor.signed_in(browser, chat, "alice", size, scheme)
    await alice.say("[[chunks=60 rate=200 reasoning=10]]")
    await alice.until("completed")
    line = alice.answer.locator(".numbers")
    details = alice.answer.get_by_role("group", name="Numbers of this answer")
    await expect(line).to_contain_text("<\xa00.01\xa0₽")
    await expect(line).to_have_attribute("aria-expanded", "false")
    await expect(details).to_be_hidden()
    await browser.screenshot(alice.page, "closed")
    await line.click()
    await expect(line).to_have_attribute("aria-expanded", "true")
    await browser.screenshot(alice.page, "open")
    await expect(details).to_be_in_viewport(ratio=0.99)
    assert await overflow(alice.page) == 0
    said = await numbers(alice)
    assert said["Model"] == "scripted/echo-1"
    assert said["Output tokens"] == "70"
    assert said["Chunks"] == "70"
    assert said["Ended"] == "by itself"
    assert said["Cost"].startswith("0.00")
    assert {"First reasoning", "First content", "First word of either", "Total"} <= said.keys()
    assert {"In the queue", "Gap, p50", "Gap, p95", "Average chunk", "Chunks/s"} <= said.keys()
    assert alice.complaints == []


async def test_the_numbers_are_opened_and_closed_by_keyboard(alice: Visitor) -> None:
    await alice.say("[[chunks=3 rate=0 usage=0]]")
    await alice.until("completed")
    line = alice.answer.locator(".numbers")
    await line.focus()
    await alice.page.keyboard.press("Enter")
    await expect(alice.answer.locator(".details")).to_be_visible()
    assert (await numbers(alice))["Output tokens"].endswith("(estimated)")
    await alice.page.keyboard.press("Space")
    await expect(alice.answer.locator(".details")).to_be_hidden()
    await expect(line).to_be_focused()


async def test_a_continued_answer_says_whose_numbers_it_shows(alice: Visitor) -> None:
    await alice.say("[[chunks=5 rate=0 finish=length]]")
    await alice.until("completed")
    await alice.answer.locator(".numbers").click()
    assert (await numbers(alice))["Ended"] == "at the length limit"
    await alice.page.get_by_role("button", name="Continue").click()
    await expect(alice.answer.locator(".status")).to_be_hidden()
    await alice.until("completed")
    await expect(alice.answer.locator(".details")).to_be_hidden()
    await alice.answer.locator(".numbers").click()
    await expect(alice.answer.locator(".details")).to_contain_text("those of its last part")
    assert (await numbers(alice))["Ended"] == "by itself"


async def test_an_answer_of_thoughts_alone_is_named(
    alice: Visitor, browser: BrowserSession
) -> None:
    await alice.say("[[reasoning=8 chunks=0 rate=100]]")
    await alice.until("completed")
    status = alice.answer.locator(".status")
    await expect(status).to_have_text(f"{ONLY_THOUGHT}.")
    await expect(alice.page.get_by_role("status").last).to_have_text(f"{ONLY_THOUGHT}.")
    await browser.screenshot(alice.page, "by-itself")
    await alice.page.get_by_role("button", name="Retry").click()
    await expect(alice.answer.locator(".versions-label")).to_have_text("2/2")
    await alice.say("[[reasoning=8 chunks=0 rate=100 finish=length]]")
    await alice.until("completed")
    await expect(status).to_contain_text("ran out of tokens while thinking")
    await expect(alice.answer.get_by_role("button", name="Retry")).to_be_visible()
    await expect(alice.answer.get_by_role("button", name="Continue")).to_have_count(0)
    await browser.screenshot(alice.page, "at-the-limit")
    await alice.page.reload()
    await expect(status).to_contain_text("ran out of tokens while thinking")


async def test_a_stopped_answer_says_so_in_its_numbers(alice: Visitor) -> None:
    await alice.say("[[chunks=80 rate=100 hold=10]]")
    await alice.until_text("w0010")
    await alice.page.keyboard.press("Escape")
    await alice.until("cancelled")
    assert await alice.in_words() == "You stopped this answer."
    await alice.answer.locator(".numbers").click()
    assert (await numbers(alice))["Ended"] == "stopped by you"


async def test_what_did_not_fit_is_said_above_the_answer(
    browser: BrowserSession, own_chat: Deployment
) -> None:
    alice = await Visitor.signed_in(browser, own_chat, "alice", "phone", "dark")
    await known(own_chat)
    own_chat.database.execute("UPDATE chat_languagemodel SET context_length = 1000")
    for _ in range(3):
        await alice.say("word " * 230 + "[[chunks=20 rate=0]]")
        await alice.until("completed")
    await alice.say("[[chunks=40 rate=100 hold=4]]")
    await alice.until_text("w0004")
    notice = alice.answer.locator(".omitted")
    await expect(notice).to_have_text(LEFT_OUT)
    await expect(alice.answers.first.locator(".omitted")).to_be_hidden()
    await browser.screenshot(alice.page, "writing")
    await alice.page.reload()
    await expect(notice).to_have_text(LEFT_OUT)
    await own_chat.evolution.release()
    await alice.until("completed")
    await expect(notice).to_have_text(LEFT_OUT)
    assert alice.complaints == []


async def test_the_picker_says_what_models_hold_and_cost(
    alice: Visitor, browser: BrowserSession
) -> None:
    picker = alice.page.get_by_label("Model", exact=True)
    texts = await picker.locator("option").all_inner_texts()
    said = "32K context · 10\xa0₽ in, 20\xa0₽ out per 1M tokens"
    assert texts == [f"scripted/echo-1 · {said}", f"scripted/echo-2 · {said}"]
    # Closed, it shows the name alone.
    await expect(alice.page.locator(".chosen")).to_have_text("scripted/echo-1")
    await picker.select_option("scripted/echo-2")
    await expect(alice.page.locator(".chosen")).to_have_text("scripted/echo-2")
    await picker.focus()
    await browser.screenshot(alice.page, "focused")


@pytest.mark.parametrize("size", ["desktop", "phone"])
async def test_the_only_model_says_what_there_is_room_for(
    browser: BrowserSession, own_chat: Deployment, size: Size
) -> None:
    await known(own_chat)
    hide = "UPDATE chat_languagemodel SET enabled = %s WHERE name = %s"
    own_chat.database.execute(hide, False, "scripted/echo-2")
    alice = await Visitor.signed_in(browser, own_chat, "alice", size)
    model = alice.page.locator(".model")
    await expect(model).to_contain_text("scripted/echo-1")
    note = model.get_by_text("32K context · 10\xa0₽ in, 20\xa0₽ out per 1M tokens")
    # On a phone there is room for the name alone.
    await expect(note).to_be_visible(visible=size == "desktop")
    await expect(alice.page.locator(".chooser")).to_be_hidden()
    assert await overflow(alice.page) == 0
    await browser.screenshot(alice.page, size)


async def test_a_model_that_refuses_us_cannot_be_chosen(
    browser: BrowserSession, own_chat: Deployment
) -> None:
    alice = await Visitor.signed_in(browser, own_chat, "alice")
    await known(own_chat)
    await alice.visit("/")
    option = alice.page.locator(".picker option").first
    await expect(option).to_be_enabled()
    await alice.say("[[status=403]]")
    await alice.until("failed")
    await expect(option).to_be_disabled()
    await expect(option).to_contain_text("unavailable now")
    await expect(alice.page.locator(".chosen")).to_contain_text("unavailable now")
    await browser.screenshot(alice.page, "unavailable")
    await alice.visit("/")
    await expect(option).to_be_disabled()
    await alice.page.get_by_label("Model", exact=True).select_option("scripted/echo-2")
    await alice.say("[[chunks=3 rate=0]]")
    await alice.until("completed")


async def test_a_conversation_gets_its_better_title_by_itself(alice: Visitor) -> None:
    await alice.say("Sea [[chunks=3 rate=0]]")
    await alice.until("completed")
    title = "w0001 w0002 w0003"
    await expect(alice.page.get_by_role("heading", level=1)).to_have_text(title)
    await expect(alice.page.locator(".conversation-title").first).to_have_text(title)


async def known(chat: Deployment) -> None:
    """Wait until the provider's list of models was read."""

    async def prices() -> list[float]:
        async with chat.socket(chat.sign_up("bob")) as socket:
            (ready,) = (frame for frame in socket.frames if frame["type"] == "session.ready")
        return [m["input_price"] for m in ready["models"] if m["input_price"] is not None]

    await eventually(prices, "the list of models is read")
