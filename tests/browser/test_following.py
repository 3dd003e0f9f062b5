"""The log follows its end, and leaves the reader alone who looks elsewhere."""

from typing import Any

from playwright.async_api import expect

from tests.browser.person import Visitor
from tests.support.browser import BrowserSession
from tests.support.deployment import Deployment

AT_END = "node => node.scrollHeight - node.scrollTop - node.clientHeight <= 2"
# Nothing draws in a tab that is hidden, and it gets no animation frames.
HIDE = """() => {
  window.realFrame ??= requestAnimationFrame;
  window.requestAnimationFrame = () => 0;
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
SHOW = """() => {
  window.requestAnimationFrame = realFrame;
  delete document.hidden;
  document.dispatchEvent(new Event("visibilitychange"));
  return document.querySelector(".answer > .markdown").textContent;
}"""


def scroller(visitor: Visitor) -> Any:
    return visitor.page.locator(".scroller")


def jump(visitor: Visitor) -> Any:
    return visitor.page.locator("[data-part=jump]")


async def top(visitor: Visitor) -> float:
    found: float = await scroller(visitor).evaluate("node => node.scrollTop")
    return found


async def writing_a_long_answer(visitor: Visitor) -> None:
    await visitor.say("[[chunks=3000 rate=400 hold=1500]]")
    await visitor.until_text("w1500")


async def scrolled_up(visitor: Visitor, pixels: int = 600) -> None:
    await scroller(visitor).hover()
    await visitor.page.mouse.wheel(0, -pixels)
    await expect(jump(visitor)).to_be_visible()


async def test_the_way_back_says_what_is_new(alice: Visitor, browser: BrowserSession) -> None:
    await writing_a_long_answer(alice)
    await expect(jump(alice)).to_be_hidden()
    await scrolled_up(alice)
    await expect(jump(alice)).to_have_text("Jump to latest")
    place = await top(alice)
    await alice.chat.evolution.release()
    await expect(jump(alice)).to_have_text("More text below")
    await browser.screenshot(alice.page, "more-text")
    await alice.page.get_by_role("button", name="Stop").click()
    await expect(jump(alice)).to_have_text("The answer is finished")
    assert await top(alice) == place
    await jump(alice).click()
    await expect(jump(alice)).to_be_hidden()
    await alice.page.wait_for_function(f"() => ({AT_END})(document.querySelector('.scroller'))")


async def test_a_small_turn_of_the_wheel_is_enough(alice: Visitor) -> None:
    """A first movement of a few pixels was undone by the next word when only a scroll event counted."""
    await writing_a_long_answer(alice)
    await scroller(alice).hover()
    await alice.page.mouse.wheel(0, -12)
    await alice.page.wait_for_function(
        "() => { const n = document.querySelector('.scroller');"
        " return n.scrollHeight - n.scrollTop - n.clientHeight > 5 }"
    )
    place = await top(alice)
    await alice.chat.evolution.release()
    await alice.until_text("w1700")
    assert await top(alice) == place


async def test_the_keyboard_leaves_and_comes_back(alice: Visitor) -> None:
    await writing_a_long_answer(alice)
    await alice.page.get_by_role("log").focus()
    await alice.page.keyboard.press("PageUp")
    await expect(jump(alice)).to_be_visible()
    await alice.page.keyboard.press("End")
    await expect(jump(alice)).to_be_hidden()
    await alice.chat.evolution.release()
    await alice.until_text("w1700")
    assert await scroller(alice).evaluate(AT_END)


async def test_a_finger_leaves_the_end(browser: BrowserSession, chat: Deployment) -> None:
    alice = await Visitor.signed_in(browser, chat, "alice", "phone")
    await writing_a_long_answer(alice)
    session = await alice.page.context.new_cdp_session(alice.page)
    await scroller(alice).evaluate(
        "node => node.addEventListener('scrollend', () => { window.settled = true })"
    )
    for y in (300, 320, 380, 460, 540):
        kind = "touchStart" if y == 300 else "touchMove"
        await session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": 200, "y": y}]}
        )
    await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await expect(jump(alice)).to_be_visible()
    await alice.page.wait_for_function("() => window.settled")
    place = await top(alice)
    await alice.chat.evolution.release()
    await expect(jump(alice)).to_have_text("More text below")
    assert await top(alice) == place


async def test_it_stays_at_the_end_when_the_keyboard_of_a_phone_opens(
    browser: BrowserSession, chat: Deployment
) -> None:
    alice = await Visitor.signed_in(browser, chat, "alice", "phone")
    await alice.say("[[chunks=900 rate=0]]")
    await alice.until("completed")
    assert await scroller(alice).evaluate(AT_END)
    await alice.page.set_viewport_size({"width": 390, "height": 480})
    await alice.page.wait_for_function(f"() => ({AT_END})(document.querySelector('.scroller'))")


async def test_what_is_read_stays_when_the_window_changes(alice: Visitor) -> None:
    paragraphs = "\n\n".join(f"Paragraph {n}. " + "Some words of it. " * 30 for n in range(30))
    await alice.say(f"[[echo=1 rate=0]] {paragraphs}")
    await alice.until("completed")
    await scrolled_up(alice, 2500)
    first = """() => {
      const top = document.querySelector(".scroller").getBoundingClientRect().top;
      return [...document.querySelectorAll(".answer > .markdown > .block")]
        .find((node) => node.getBoundingClientRect().bottom > top).textContent.slice(0, 13);
    }"""
    read = await alice.page.evaluate(first)
    await alice.page.set_viewport_size({"width": 900, "height": 800})
    await alice.page.wait_for_function(f"() => ({first})() === {read!r}")


async def test_a_hidden_tab_has_its_text_the_moment_it_is_shown(alice: Visitor) -> None:
    await alice.say("[[chunks=400 rate=200 hold=20]]")
    await alice.until_text("w0020")
    await alice.page.evaluate(HIDE)
    await alice.chat.evolution.release()
    await alice.page.wait_for_function("() => Object.keys(evochat.state().live).length === 0")
    assert "w0400" in await alice.page.evaluate(SHOW)
    assert alice.complaints == []


async def test_a_frame_planned_before_the_tab_was_hidden_is_not_waited_for(alice: Visitor) -> None:
    """What had been planned for the next frame was drawn when the tab came back, and not before."""
    await alice.page.evaluate(
        "window.realFrame = requestAnimationFrame; window.requestAnimationFrame = () => 0"
    )
    await alice.composer.fill("Told in the background [[chunks=3 rate=0]]")
    await alice.composer.press("Enter")
    await alice.page.evaluate(HIDE)
    await expect(alice.answers).to_have_count(1)


async def test_older_messages_are_loaded_above_without_a_jump(alice: Visitor) -> None:
    conversation = alice.chat.database.long_conversation(alice.person, 122)
    await alice.visit(f"/c/{conversation}/")
    await expect(alice.page.locator(".message")).to_have_count(50)
    await alice.page.evaluate("""() => {
      const list = document.querySelector("[data-part=list]");
      const scroller = document.querySelector(".scroller");
      window.jumps = [];
      let first = null;
      new MutationObserver((changes) => {
        const added = changes.flatMap((change) => [...change.addedNodes]);
        if (added.length && first?.node.isConnected) jumps.push(first.node.getBoundingClientRect().top - first.top);
      }).observe(list, { childList: true });
      const note = () => {
        const node = [...list.children].find((one) => one.getBoundingClientRect().bottom > 60);
        first = { node, top: node.getBoundingClientRect().top };
      };
      scroller.addEventListener("scroll", note);
    }""")
    await scroller(alice).hover()
    for _ in range(60):
        await alice.page.mouse.wheel(0, -1500)
        await alice.page.evaluate("new Promise(requestAnimationFrame)")
    await expect(alice.page.locator(".message")).to_have_count(122)
    jumps = await alice.page.evaluate("jumps")
    assert jumps
    assert all(abs(jump) < 2 for jump in jumps), jumps
