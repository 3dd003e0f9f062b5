"""Staff read a transcript that reads like the chat, watch an answer grow in it, and stop one."""

import uuid

from playwright.async_api import expect

from tests.browser.staff import Staff
from tests.support.browser import BrowserSession
from tests.support.deployment import Deployment

ANSWER = """## The tide

**Twice** a day, since $F = G\\frac{m_1 m_2}{r^2}$:

```python
def tide(moon):
    return sorted(moon.phases)  # <b>not bold</b>
```

| place | height |
|---|---:|
| Fundy | 16 m |

<script>window.harm = 1</script>
"""


async def test_a_transcript_reads_like_the_chat(browser: BrowserSession, chat: Deployment) -> None:
    async with chat.socket(chat.sign_up("alice")) as socket:
        told = await socket.prompt(f"[[echo=1 rate=0]] {ANSWER}")
        await socket.until_end(told["generation"])
        rating = {"rating": "down", "reason": "incomplete", "comment": "Why twice?"}
        await socket.ask("message.rate", message=told["answer"], **rating)
    bob = await Staff.signed_in(browser, chat, "bob")
    await bob.visit(f"chat/conversation/{told['conversation']}/change/#message-{told['answer']}")
    answer = bob.page.locator(f"#message-{told['answer']}")
    shown = answer.locator("[data-part=content] .markdown")
    written = answer.locator("[data-part=content] .transcript-text")
    await expect(shown.locator("h2")).to_have_text("The tide")
    await expect(shown.locator(".hljs-keyword").first).to_be_visible()
    await expect(shown.locator(".katex").first).to_be_visible()
    await expect(shown.locator("td").first).to_have_text("Fundy")
    await expect(answer).to_contain_text("Why twice?")
    await expect(written).to_be_hidden()
    await answer.get_by_text("All about this attempt").click()
    await browser.screenshot(bob.page, "read")
    await bob.assert_looks_well()
    raw = bob.page.get_by_role("button", name="As written")
    await raw.click()
    await expect(written).to_contain_text("```python")
    await expect(shown).to_be_hidden()
    await bob.page.reload()
    await expect(raw).to_have_attribute("aria-pressed", "true")
    await expect(written).to_be_visible()
    await browser.screenshot(bob.page, "as written")
    # One message alone is read in the same way, and what was chosen holds there too.
    await bob.visit(f"chat/message/{told['answer']}/change/")
    alone = bob.page.locator(".transcript-entry")
    await expect(alone.locator(".transcript-text")).to_contain_text("```python")
    await expect(alone.locator("h2")).to_be_hidden()
    await raw.click()
    await expect(alone.locator("h2")).to_have_text("The tide")
    await expect(alone.locator(".katex").first).to_be_visible()
    await browser.screenshot(bob.page, "alone")
    assert await bob.page.evaluate("window.harm") is None
    await bob.assert_looks_well()


async def test_an_answer_grows_in_the_transcript_until_its_end(
    browser: BrowserSession, chat: Deployment
) -> None:
    prompt = f"{uuid.uuid4()} [[chunks=40 rate=100 hold=20]]"
    async with chat.socket(chat.sign_up("alice")) as socket:
        told = await socket.prompt(prompt)
        await socket.until_text(told["generation"], 40)
        bob = await Staff.signed_in(browser, chat, "bob", "phone", "light")
        await bob.visit(f"chat/conversation/{told['conversation']}/change/")
        answer = bob.page.locator(f"#message-{told['answer']}")
        await expect(answer.get_by_text("You watch it live.")).to_be_visible()
        await answer.scroll_into_view_if_needed()
        await expect(answer.locator(".markdown").last).to_contain_text("w0020")
        await browser.screenshot(bob.page, "live")
        await bob.page.context.set_offline(True)
        await expect(answer.get_by_text("The server does not answer.")).to_be_visible()
        await chat.evolution.release_when_held(prompt)
        await socket.until_end(told["generation"])
    await bob.page.context.set_offline(False)
    await expect(answer.get_by_text("It has ended.")).to_be_visible()
    await expect(answer.locator(".markdown").last).to_contain_text("w0040")
    await expect(answer.get_by_text("output tokens")).to_be_visible()
    await browser.screenshot(bob.page, "ended")
    bob.complaints = [each for each in bob.complaints if "ERR_INTERNET_DISCONNECTED" not in each]
    await bob.assert_looks_well()


async def test_an_answer_is_found_among_those_under_way_watched_and_stopped(
    browser: BrowserSession, chat: Deployment
) -> None:
    alice = chat.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[fault=endless rate=20]]"
    async with chat.socket(alice) as socket:
        running = await socket.prompt(prompt)
        await socket.until_text(running["generation"], 20)
        olga = await Staff.signed_in(browser, chat, "olga", "phone", "dark")
        await olga.visit("")
        await olga.page.get_by_role("link", name="Answers under way").click()
        watch = olga.page.get_by_role("link", name=f"Watch {running['generation']}")
        await expect(watch).to_be_visible()
        await browser.screenshot(olga.page, "under way")
        await olga.assert_looks_well()
        await watch.click()
        answer = olga.page.locator(".transcript-entry .markdown").last
        await expect(answer).to_contain_text("w0030")
        await browser.screenshot(olga.page, "watched")
        await olga.assert_looks_well()
        await olga.page.get_by_role("button", name="Stop").click()
        await expect(olga.page.get_by_text("It was asked to stop and ends")).to_be_visible()
        end = await socket.until_end(running["generation"])
    assert end["type"] == "generation.cancelled"
    await chat.evolution.until_closed(prompt)
    # The page that the button led to may have been made before the end.
    await olga.page.reload()
    await expect(olga.page.locator(".field-stopped")).to_contain_text(olga.name)
    await browser.screenshot(olga.page, "stopped")
    assert olga.complaints == []


async def test_a_link_into_a_long_transcript_leads_to_its_message_in_russian_too(
    browser: BrowserSession, chat: Deployment
) -> None:
    alice = chat.sign_up("alice")
    conversation = chat.database.long_conversation(alice, 1000)
    wanted = chat.database.messages_of(alice)[101]
    bob = await Staff.signed_in(browser, chat, "bob", "desktop", "dark", "ru-RU")
    await bob.visit(f"chat/conversation/{conversation}/change/#message-{wanted.pk}")
    answer = bob.page.locator(f"#message-{wanted.pk}")
    await expect(answer.locator(".markdown h2")).to_have_text("Answer 101")
    await expect(answer).to_be_in_viewport()
    await expect(bob.page.get_by_role("group", name="Таблица").first).to_be_visible()
    drawn = await bob.page.locator(".markdown").count()
    assert drawn < 40
    await browser.screenshot(bob.page, "there")
    await bob.assert_looks_well()
