"""The pages in Russian: nothing English, nothing cut off, nothing that axe complains of."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.looks import overflow, violations
from tests.browser.person import Visitor
from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.deployment import Deployment

# Names of people's and providers' things, and what they write.
OF_PEOPLE = ".markdown, .prompt-text, .username, .hits, .chosen, .model, .conversations a, .bar-title, #tags-heading, .transcript h1, .transcript-text"
NAMES = {
    "English",
    "HTTP",
    "JSON",
    "Markdown",
    "PostgreSQL",
    "Python",
    "SQLite",
    "Top",
    "WebSocket",
}
NAMES |= {"evochat", "Enter", "Esc", "Shift", "Ctrl"}
# What a page shows or says of itself, without what is in `OF_PEOPLE`.
SAID = """(ofPeople) => {
  const seen = (node) => node.checkVisibility() && !node.closest(`${ofPeople}, script, style, option`);
  const said = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) if (seen(walk.currentNode.parentElement)) said.push(walk.currentNode.data);
  for (const node of document.querySelectorAll("body *")) {
    if (!node.closest(ofPeople)) said.push(...["aria-label", "title", "placeholder", "alt"].map((name) => node.getAttribute(name) ?? ""));
  }
  return said;
}"""
# What has more to show than it has room for.
CUT_OFF = """(ofPeople) => [...document.querySelectorAll("body *")]
  .filter((node) => node.checkVisibility() && !node.closest(`${ofPeople}, .offscreen, svg, textarea, .scroller, .conversations, .log`))
  .filter((node) => node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).overflowX !== "visible")
  .map((node) => node.outerHTML.slice(0, 120))"""
# Numbers that are broken over lines; the first one is the model's name, which may be long.
BROKEN = """[...document.querySelectorAll(".details dd")].slice(1)
  .filter((node) => node.getClientRects()[0]?.height > 1.9 * parseFloat(getComputedStyle(node).lineHeight))
  .map((node) => node.textContent)"""


# On a Russian keyboard K writes another letter.
RUSSIAN_CTRL_K = """document.body.dispatchEvent(new KeyboardEvent(
  "keydown", { key: "л", code: "KeyK", ctrlKey: true, bubbles: true, cancelable: true }))"""


AROUND = ("/accounts/", "/accounts/password/change/", "/accounts/logout/", "/nothing-is-here/")


class Guest(Visitor):
    """A visitor whose page may speak any language."""

    @property
    def composer(self) -> Any:
        return self.page.locator("#prompt")


async def assert_reads_well(page: Page, language: str = "ru") -> None:
    """The page is in its language, has room for its words, and is open to everyone."""
    assert await page.locator("html").get_attribute("lang") == language
    if language == "ru":
        words = {w for said in await page.evaluate(SAID, OF_PEOPLE) for w in latin(said)}
        assert words - NAMES == set()
    assert await page.evaluate(CUT_OFF, OF_PEOPLE) == []
    assert await page.evaluate(BROKEN) == []
    assert await overflow(page) == 0
    assert await violations(page) == []


def latin(text: str) -> list[str]:
    # The scripted provider's models are named by a path.
    return re.findall(r"[A-Za-z]{2,}", re.sub(r"scripted/\S+|Scripted \w+", "", text))


async def look_at_the_dialogs(page: Page, browser: BrowserSession) -> None:
    for name in ("openParameters", "openSharing", "openShortcuts", "openComparing"):
        await page.locator(f"[data-part={name}]").click()
        await expect(page.locator("dialog[open]")).to_be_visible()
        await browser.screenshot(page, name)
        await assert_reads_well(page)
        await page.keyboard.press("Escape")


async def look_at_the_rating(page: Page, browser: BrowserSession) -> None:
    await page.get_by_role("button", name="Плохой ответ").click()
    await expect(page.get_by_text("Что не так?")).to_be_visible()
    await browser.screenshot(page, "rating")
    await assert_reads_well(page)


async def look_at_the_list(page: Page, browser: BrowserSession) -> None:
    await page.evaluate(RUSSIAN_CTRL_K)
    await expect(page.locator("[data-part=query]")).to_be_focused()
    await page.keyboard.type("море")
    await expect(page.locator(".hits").get_by_role("option")).not_to_have_count(0)
    await browser.screenshot(page, "found")
    await assert_reads_well(page)
    await page.keyboard.press("Escape")
    await page.locator(".conversations li").first.hover()
    await page.locator(".conversations").get_by_role("button", name="Действия").first.click()
    await expect(page.get_by_role("menuitem", name="Переименовать")).to_be_visible()
    await browser.screenshot(page, "menu")
    await assert_reads_well(page)
    await page.get_by_role("menuitem", name="Метки").click()
    await expect(page.locator("dialog[open]")).to_be_visible()
    await browser.screenshot(page, "tags")
    await assert_reads_well(page)
    await page.keyboard.press("Escape")


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
async def test_a_visit_in_russian(
    browser: BrowserSession, chat: Deployment, size: Size, scheme: Scheme
) -> None:
    stranger = await browser.page(size, scheme, "ru-RU")
    await stranger.goto(f"{chat.webs[0].url}/accounts/login/")
    await expect(stranger.get_by_role("button", name="Войти")).to_be_visible()
    await browser.screenshot(stranger, "sign-in")
    await assert_reads_well(stranger)

    alice = await Guest.signed_in(browser, chat, "alice", size, scheme, locale="ru-RU")
    page = alice.page
    await browser.screenshot(page, "welcome")
    await assert_reads_well(page)
    await alice.say("Почему море солёное? [[chunks=60 rate=0 reasoning=10]]")
    await alice.until("completed")
    await alice.answer.locator(".numbers").click()
    await expect(alice.answer.get_by_role("group", name="Показатели ответа")).to_be_visible()
    if size == "phone":
        await look_at_the_rating(page, browser)
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Разговоры").tap()
        await expect(page.get_by_role("button", name="English")).to_be_in_viewport(ratio=1)
    await browser.screenshot(page, "numbers")
    await assert_reads_well(page)
    if size == "desktop":
        look = look_at_the_dialogs if scheme == "light" else look_at_the_list
        await look(page, browser)

    async with chat.socket(alice.person) as socket:
        shared = await socket.ask("conversation.share", conversation=alice.conversation)
    await stranger.goto(f"{chat.webs[0].url}{shared['share']}")
    await expect(stranger.get_by_role("heading", name="Ассистент")).to_be_visible()
    await browser.screenshot(stranger, "shared")
    await assert_reads_well(stranger)
    for path in (*AROUND, f"{alice.path}print/"):
        other = await page.context.new_page()
        await other.goto(f"{chat.webs[0].url}{path}")
        await assert_reads_well(other)
    taken = await page.evaluate("fetch(`${location.pathname}export.md`).then((it) => it.text())")
    assert "\n## Пользователь\n" in taken
    assert alice.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_around_the_chat_are_open_to_everyone_in_english_too(
    browser: BrowserSession, chat: Deployment, scheme: Scheme
) -> None:
    page = await browser.page("phone", scheme)
    await page.goto(f"{chat.webs[0].url}/accounts/login/")
    await browser.screenshot(page, "sign-in")
    await assert_reads_well(page, "en")
    alice = await Visitor.signed_in(browser, chat, "alice", "phone", scheme)
    await alice.say("[[chunks=30 rate=0]]")
    await alice.until("completed")
    async with chat.socket(alice.person) as socket:
        shared = await socket.ask("conversation.share", conversation=alice.conversation)
    await page.goto(f"{chat.webs[0].url}{shared['share']}")
    await assert_reads_well(page, "en")
    for path in (*AROUND, f"{alice.path}print/"):
        await alice.page.goto(f"{chat.webs[0].url}{path}")
        await browser.screenshot(alice.page, path.strip("/").replace("/", "-"))
        await assert_reads_well(alice.page, "en")


async def test_the_language_is_changed_where_one_is(
    browser: BrowserSession, chat: Deployment
) -> None:
    alice = await Guest.signed_in(browser, chat, "alice")
    await alice.say("[[chunks=30 rate=0]]")
    await alice.until("completed")
    conversation, text = alice.path, await alice.read()
    await alice.composer.fill("Not sent yet")
    await alice.page.get_by_role("button", name="Русский").click()
    await alice.page.wait_for_url("**/c/**")
    await expect(alice.page.locator("html")).to_have_attribute("lang", "ru")
    await alice.connected()
    await expect(alice.page.get_by_role("button", name="Копировать ответ")).to_be_visible()
    assert (alice.path, await alice.read()) == (conversation, text)
    await expect(alice.composer).to_have_value("Not sent yet")
    await alice.page.get_by_role("button", name="English").click()
    await expect(alice.page.get_by_role("button", name="Copy answer")).to_be_visible()
    assert alice.complaints == []


SAY = """async () => {
  const { words } = await import("chat/words");
  const codes = ["provider_auth", "provider_timeout", "context_length_exceeded", "internal", "?"];
  return {
    plurals: [1, 2, 5, 11, 21, 1234].map((count) => words.tokens(count, false)),
    waits: [1000, 3000, 7000].map(words.offline),
    money: [0.004, 12.5, 1234.5].map(words.money),
    times: [850, 1234, 61000].map(words.duration),
    queued: words.queued(1234),
    failures: codes.map(words.failure),
    refusals: ["conflict", "rate_limited", "?"].map((code) => words.refusal({ code })),
  };
}"""


async def test_numbers_and_plurals_are_russian(browser: BrowserSession, chat: Deployment) -> None:
    alice = await Guest.signed_in(browser, chat, "alice", locale="ru-RU")
    said = await alice.page.evaluate(SAY)
    plain = {key: spaces(value) for key, value in said.items()}

    assert plain["plurals"] == [
        "1 токен", "2 токена", "5 токенов", "11 токенов", "21 токен", "1 234 токена",
    ]  # fmt: skip
    assert plain["waits"] == [
        f"Нет связи. Подключимся через {count}" for count in ("1 секунду", "3 секунды", "7 секунд")
    ]
    assert plain["money"] == ["< 0,01 ₽", "12,50 ₽", "1 234,50 ₽"]
    assert plain["times"] == ["850 мс", "1,23 с", "61 с"]
    assert plain["queued"] == "В очереди: место 1 234"
    for sentence in [*plain["failures"], *plain["refusals"]]:
        assert not re.search("[A-Za-z]", sentence), sentence
    assert len(set(plain["failures"])) == 5


def spaces(said: Any) -> Any:
    """Make every space a plain one: which of the many is used where is the browser's."""
    if isinstance(said, list):
        return [spaces(one) for one in said]
    return re.sub(r"\s", " ", said)
