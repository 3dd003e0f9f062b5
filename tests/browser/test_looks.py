"""The page on a phone and a desktop, light and dark; pictures of each are kept as test output."""

import json
import re

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from tests.browser.looks import overflow, violations
from tests.browser.person import Visitor
from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.deployment import Deployment

ANSWER = """## Merging intervals

**Sort** by start, then walk *once*:

```python
def merge(intervals):
    merged = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged  # O(n log n), and a rather long line to see that it scrolls by itself
```

| case | input | result |
|---|---|---:|
| overlap | `(1, 3), (2, 6)` | 1 |
| apart | `(1, 2), (4, 5)` | 2 |

- one
- two
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
async def test_it_fits_the_screen(
    browser: BrowserSession, chat: Deployment, size: Size, scheme: Scheme
) -> None:
    alice = await Visitor.signed_in(browser, chat, "alice", size, scheme)
    assert await overflow(alice.page) == 0
    await browser.screenshot(alice.page, "empty")
    await alice.say(f"[[echo=1 rate=400]] {ANSWER}")
    await alice.until("completed")
    assert await overflow(alice.page) == 0
    await expect(alice.answer.locator(".code-language")).to_have_text("python")
    await expect(alice.answer.locator(".hljs-keyword").first).to_be_visible()
    await browser.screenshot(alice.page, "answer")
    assert alice.complaints == []


async def ground(page: Page) -> str:
    """Give the colour that `page` is painted on."""
    colour: str = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


async def test_a_chosen_theme_holds_on_every_page_and_in_every_tab(
    browser: BrowserSession, chat: Deployment
) -> None:
    alice = await Visitor.signed_in(browser, chat, "alice", scheme="dark")
    tab = await alice.another_tab("/")
    dark = await ground(alice.page)
    await alice.page.get_by_role("button", name="Theme: As in the system").press("Enter")
    light = alice.page.get_by_role("menuitemradio", name="Light")
    await expect(light).to_have_attribute("aria-checked", "false")
    await browser.screenshot(alice.page, "menu")
    await light.press("Enter")
    await expect(alice.page.get_by_role("button", name="Theme: Light")).to_be_focused()
    await expect(tab.page.locator("html")).to_have_attribute("data-theme", "light")
    assert await ground(alice.page) == await ground(tab.page) != dark
    assert await violations(alice.page) == []
    await tab.page.goto(f"{tab.url}/accounts/logout/")
    assert await tab.page.evaluate("getComputedStyle(document.body).colorScheme") == "light"
    await tab.visit("/")
    await tab.page.get_by_role("button", name="Theme: Light").press("ArrowUp")
    await tab.page.get_by_role("menuitemradio", name="Dark").press("Home")
    await tab.page.keyboard.press("Enter")
    await expect(alice.page.locator("html")).to_have_attribute("data-theme", "auto")
    assert await ground(alice.page) == dark
    assert alice.complaints == []


async def test_on_a_phone_the_list_is_a_drawer(browser: BrowserSession, chat: Deployment) -> None:
    alice = await Visitor.signed_in(browser, chat, "alice", "phone")
    await alice.say("About plums [[chunks=30 rate=0]]")
    await alice.until("completed")
    drawer = alice.page.get_by_role("complementary")
    await expect(drawer).to_be_hidden()
    await alice.page.get_by_role("button", name="Conversations").tap()
    await expect(drawer).to_be_visible()
    await expect(alice.page.get_by_role("link", name="About plums")).to_be_visible()
    await browser.screenshot(alice.page, "drawer")
    await alice.page.get_by_role("link", name="New chat").tap()
    await expect(drawer).to_be_hidden()
    assert alice.path == "/"


def with_the_demo(socket: WebSocketRoute) -> None:
    """Let the server say that there is one model, that of the demo."""
    server = socket.connect_to_server()

    def told(text: str | bytes) -> None:
        event = json.loads(text)
        if event["type"] == "session.ready":
            model = {**event["models"][0], "title": "SmolLM2 135M (local demo model)"}
            event |= {"demo": True, "models": [model]}
        socket.send(json.dumps(event))

    server.on_message(told)


async def test_the_demo_leaves_a_phone_room_for_the_title(
    browser: BrowserSession, chat: Deployment
) -> None:
    alice = await Visitor.signed_in(browser, chat, "alice", "phone", locale="ru-RU")
    await alice.page.route_web_socket("**/ws/chat/", with_the_demo)
    await alice.visit("/")
    demo, title = (alice.page.locator(f"[data-part={part}]") for part in ("demo", "title"))
    await expect(demo).to_have_attribute("title", re.compile("SmolLM2"))
    await expect(demo).to_be_visible()
    await browser.screenshot(alice.page, "demo")
    for phone in (390, 820):
        await alice.page.set_viewport_size({"width": phone, "height": 844})
        assert (await demo.evaluate("node => node.offsetWidth")) < phone / 4
        assert await title.evaluate("node => node.scrollWidth <= node.clientWidth")


async def test_it_follows_the_end_until_the_reader_scrolls_up(alice: Visitor) -> None:
    await alice.say("[[chunks=9000 rate=400 hold=1500]]")
    await alice.until_text("w1500")
    log = alice.page.locator(".scroller")
    # Its words change with what is new below.
    jump = alice.page.locator("[data-part=jump]")
    await expect(jump).to_be_hidden()
    await log.hover()
    await alice.page.mouse.wheel(0, -600)
    await expect(jump).to_be_visible()
    top = await log.evaluate("node => node.scrollTop")
    await alice.chat.evolution.release()
    await alice.until_text("w1700")
    assert await log.evaluate("node => node.scrollTop") == top
    await jump.click()
    await expect(jump).to_be_hidden()
    await alice.page.get_by_role("button", name="Stop").click()
    await alice.until("cancelled")


async def test_code_is_copied_as_it_was_written(alice: Visitor) -> None:
    await alice.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await alice.say(f"[[echo=1 rate=0]] {ANSWER}")
    await alice.until("completed")
    await alice.answer.get_by_role("button", name="Copy code").click()
    copied = await alice.page.evaluate("navigator.clipboard.readText()")
    assert copied in ANSWER
    assert copied.startswith("def merge")
    await alice.answer.get_by_role("button", name="Copy answer").click()
    assert await alice.page.evaluate("navigator.clipboard.readText()") == ANSWER.strip()


async def test_screen_readers_hear_the_start_and_the_end_and_no_token(alice: Visitor) -> None:
    await alice.page.evaluate("""() => {
      window.heard = [];
      const node = document.querySelector('[data-part=announcer]');
      new MutationObserver(() => heard.push(node.textContent)).observe(node, { childList: true });
    }""")
    await alice.say("[[chunks=30 rate=100]]")
    await alice.until("completed")
    log = alice.page.get_by_role("log")
    await expect(log).to_have_attribute("aria-live", "off")
    heard = await alice.page.evaluate("heard")
    assert heard == ["The answer has started.", "The answer is finished."]


async def test_everything_is_reached_by_keyboard(alice: Visitor) -> None:
    await alice.say("[[chunks=2 rate=0]]")
    await alice.until("completed")
    await expect(alice.composer).to_be_focused()
    seen = set()
    for _ in range(40):
        await alice.page.keyboard.press("Tab")
        name = await alice.page.evaluate(
            "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText"
        )
        seen.add(str(name).strip())
    assert {"New chat", "Sign out", "Copy answer", "Answer again", "Edit", "Message"} <= seen


async def test_unnamed_buttons_do_not_exist(alice: Visitor) -> None:
    await alice.say(f"[[echo=1 rate=0]] {ANSWER}")
    await alice.until("completed")
    names = await alice.page.locator("button, a, input, select, textarea").evaluate_all(
        "nodes => nodes.filter((n) => n.type !== 'hidden')"
        ".map((n) => n.getAttribute('aria-label') || n.labels?.[0]?.textContent || n.innerText || n.textContent)"
    )
    assert all(name.strip() for name in names)
