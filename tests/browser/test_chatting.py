"""The main job in a real browser: sign in, ask, watch, stop, come back."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.async_api import expect

from tests.browser.person import Visitor
from tests.support.browser import BrowserSession
from tests.support.deployment import Deployment


def numbered(first: int, last: int) -> str:
    return " ".join(f"w{number:04}" for number in range(first, last + 1))


async def test_someone_signs_in_asks_and_signs_out(
    browser: BrowserSession, chat: Deployment
) -> None:
    person = chat.sign_up("alice")
    # Tests hash passwords with something fast, which a deployment rightly does not know.
    hashed = PBKDF2PasswordHasher().encode("correct horse", "salt")
    chat.database.execute(
        "UPDATE chat_user SET password = %s WHERE id = %s", hashed, person.user.pk
    )
    page = await browser.page()
    await page.goto(chat.webs[0].url)
    await page.get_by_label("User name").fill(person.user.username)
    await page.get_by_label("Password").fill("correct horse")
    await browser.screenshot(page, "sign-in")
    await page.get_by_role("button", name="Sign in").click()
    alice = Visitor(page, chat, person)
    await alice.connected()
    await browser.screenshot(page, "empty")
    await alice.say("Good morning [[chunks=12 rate=100]]")
    await alice.until("completed")
    await alice.assert_shows_what_is_stored()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page).to_have_url(f"{chat.webs[0].url}/accounts/login/")
    assert alice.complaints == []


async def test_an_answer_goes_on_over_a_reload_and_nothing_is_lost(
    alice: Visitor, browser: BrowserSession
) -> None:
    await alice.say("[[chunks=60 rate=100 hold=20]]")
    await alice.until_text("w0020")
    shown = await alice.read()
    assert shown == numbered(1, 20)
    await expect(alice.page.get_by_role("button", name="Stop")).to_be_visible()
    await alice.page.reload()
    await alice.until_text("w0020")
    assert await alice.read() == shown
    await browser.screenshot(alice.page, "after-reload")
    await alice.chat.evolution.release()
    await alice.until("completed")
    assert await alice.read() == numbered(1, 60)
    await alice.assert_shows_what_is_stored()
    assert alice.complaints == []


async def test_a_second_tab_follows_live_and_can_stop(alice: Visitor) -> None:
    await alice.say("[[chunks=500 rate=40]]")
    await alice.until_text("w0005")
    tab = await alice.another_tab(alice.path)
    await tab.until_text("w0020")
    await tab.page.get_by_role("button", name="Stop").click()
    await tab.until("cancelled")
    await alice.until("cancelled")
    assert await alice.raw() == await tab.raw()
    await alice.assert_shows_what_is_stored()
    await expect(alice.page.get_by_text("You stopped this answer.")).to_be_visible()


async def test_stop_is_there_at_once_and_says_what_it_does(alice: Visitor) -> None:
    prompt = "stop me [[chunks=500 rate=40]]"
    await alice.say(prompt)
    stop = alice.page.get_by_role("button", name="Stop")
    await expect(stop).to_be_enabled()
    await alice.until_text("w0003")
    await stop.click()
    await alice.until("cancelled")
    await alice.chat.evolution.until_closed(prompt)
    await expect(alice.page.get_by_role("button", name="Send")).to_be_visible()
    await alice.assert_shows_what_is_stored()


async def test_a_stopped_answer_is_continued_in_its_place(alice: Visitor) -> None:
    await alice.say("[[chunks=80 rate=100 hold=10]]")
    await alice.until_text("w0010")
    await alice.page.keyboard.press("Escape")
    await alice.until("cancelled")
    stopped = await alice.raw()
    await alice.page.get_by_role("button", name="Continue").click()
    await alice.until("live")
    await alice.chat.evolution.release()
    await alice.until("completed")
    assert (await alice.raw()).startswith(stopped)
    assert len(await alice.raw()) > len(stopped)
    assert await alice.raw() == await alice.stored()
    await expect(alice.answers).to_have_count(1)


async def test_a_failure_is_said_in_words_and_can_be_tried_again(
    alice: Visitor, browser: BrowserSession
) -> None:
    await alice.say("[[status=400]]")
    await alice.until("failed")
    await expect(alice.answer.locator(".status")).to_have_text(
        "The model did not accept this request."
    )
    await expect(alice.answer.get_by_role("group", name="Rate this answer")).to_be_hidden()
    await browser.screenshot(alice.page, "failed")
    await alice.page.get_by_role("button", name="Retry").click()
    await expect(alice.answer.locator(".versions-label")).to_have_text("2/2")
    await alice.until("failed")
    await alice.answer.get_by_role("button", name="Previous version").click()
    await expect(alice.answer.locator(".versions-label")).to_have_text("1/2")


async def test_a_broken_answer_keeps_its_text_and_offers_both_ways_on(alice: Visitor) -> None:
    await alice.say("[[chunks=30 rate=200 fault=eof at=10]]")
    await alice.until("failed")
    await expect(alice.answer.locator(".status")).to_have_text(
        "The answer broke off before its end."
    )
    assert (await alice.read()).startswith("w0001 w0002")
    await alice.assert_shows_what_is_stored()
    for name in ("Continue", "Retry"):
        await expect(alice.page.get_by_role("button", name=name)).to_be_visible()


async def test_reaching_the_length_limit_is_said_and_can_be_continued(alice: Visitor) -> None:
    await alice.say("[[chunks=5 rate=100 finish=length]]")
    await alice.until("completed")
    await expect(alice.answer.locator(".status")).to_have_text("Reached the length limit.")
    await expect(alice.page.get_by_role("button", name="Continue")).to_be_visible()


async def test_waiting_for_another_try_is_counted_down(alice: Visitor) -> None:
    await alice.say("[[status=429 retry_after=3 times=1]]")
    status = alice.answer.locator(".status")
    await expect(status).to_contain_text("The service is busy. Trying again in")
    await alice.until("completed")
    await expect(status).to_be_hidden()


async def test_the_chosen_model_answers_and_is_remembered(alice: Visitor) -> None:
    picker = alice.page.get_by_label("Model", exact=True)
    await picker.select_option("scripted/echo-2")
    await alice.say("[[chunks=3 rate=0]]")
    await alice.until("completed")
    await expect(alice.answer.locator(".numbers")).to_contain_text("scripted/echo-2")
    await alice.visit("/")
    await expect(picker).to_have_value("scripted/echo-2")


async def test_the_next_prompt_may_be_sent_while_an_answer_is_written(alice: Visitor) -> None:
    await alice.say("One [[chunks=30 rate=100 hold=5]]")
    await alice.until_text("w0005")
    await alice.say("Two [[chunks=4 rate=0]]")
    await expect(alice.answer.locator(".status")).to_contain_text("In the queue")
    await alice.chat.evolution.release()
    await alice.until("completed")
    assert await alice.read() == numbered(1, 4)
    assert await alice.answers.first.locator(".markdown").last.inner_text() == numbered(1, 30)


async def test_thinking_is_folded_away(alice: Visitor) -> None:
    await alice.say("[[chunks=5 rate=100 reasoning=8]]")
    await alice.until("completed")
    fold = alice.answer.locator("details")
    assert await fold.get_attribute("open") is None
    await expect(fold.locator("summary")).to_contain_text("Thought for")
    await fold.locator("summary").click()
    await expect(fold.locator(".markdown")).to_contain_text("r0008")


async def test_another_answer_and_an_edited_prompt_make_versions(alice: Visitor) -> None:
    await alice.say("First [[chunks=4 rate=100]]")
    await alice.until("completed")
    await alice.answer.get_by_role("button", name="Answer again").dblclick()
    await expect(alice.answer.locator(".versions-label")).to_have_text("2/2")
    await alice.until("completed")
    prompt = alice.page.locator(".prompt").last
    await prompt.hover()
    await prompt.get_by_role("button", name="Edit").click()
    await prompt.get_by_role("textbox").fill("Second [[chunks=6 rate=100]]")
    await prompt.get_by_role("textbox").press("Enter")
    await expect(alice.page.locator(".prompt-text")).to_have_text("Second [[chunks=6 rate=100]]")
    await alice.until("completed")
    assert await alice.read() == numbered(1, 6)
    await alice.page.reload()
    await expect(alice.page.locator(".prompt .versions-label")).to_have_text("2/2")
    await alice.page.locator(".prompt").get_by_role("button", name="Previous version").click()
    await expect(alice.page.locator(".prompt-text")).to_have_text("First [[chunks=4 rate=100]]")
    await expect(alice.answer.locator(".versions-label")).to_have_text("2/2")
    assert await alice.read() == numbered(1, 4)


async def test_conversations_are_listed_live_and_open_by_their_address(alice: Visitor) -> None:
    # Thirty words are no title: the first words of the prompt stay.
    await alice.say("About pears [[chunks=30 rate=0]]")
    await alice.until("completed")
    tab = await alice.another_tab("/")
    await expect(tab.page.locator(".conversations li")).to_have_count(1)
    await alice.new_chat()
    await expect(alice.answers).to_have_count(0)
    await alice.say("About apples [[chunks=30 rate=0]]")
    await alice.until("completed")
    titles = tab.page.locator(".conversation-title")
    await expect(titles).to_have_count(2)
    await expect(titles.first).to_contain_text("apples")
    await titles.last.click()
    await expect(tab.page.locator(".prompt-text")).to_contain_text("pears")
    await tab.page.go_back()
    await expect(tab.answers).to_have_count(0)


async def test_two_conversations_answer_side_by_side(alice: Visitor) -> None:
    await alice.say("One [[chunks=40 rate=100 hold=5]]")
    await alice.until_text("w0005")
    first = alice.path
    await alice.new_chat()
    await alice.say("Two [[chunks=10 rate=100]]")
    await alice.until("completed")
    marks = alice.page.get_by_label("Answer being written")
    await expect(marks.filter(visible=True)).to_have_count(1)
    await alice.chat.evolution.release()
    await alice.page.go_back()
    await alice.page.locator(f'a[href="{first}"]').click()
    await alice.until("completed")
    assert await alice.read() == numbered(1, 40)
