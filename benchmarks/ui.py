"""Measure the chat page in a real Chromium with a long conversation and a fast answer, and print the table.

    make bench-ui
    python -m benchmarks.ui --messages 1000 --rate 200 --seconds 15

The page is that of a running evochat, its messages are in its database, and its answer comes from the scripted
provider over the socket, each delta in a frame of its own. Ends with 1 when a target is missed.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from playwright.async_api import Page

from benchmarks.meter import percentile
from benchmarks.systems import Stage, stage
from benchmarks.table import Row, rendered
from tests.support.browser import BrowserSession, open_chromium

TASK_MS_MAX = 50.0
TYPING_MS_MAX = 100.0
OPEN_MS_MAX = 1500.0
SCRIPT_KB_MAX = 250.0
OPENINGS = 5
KEYS_PER_SECOND = 8
ANSWER_TIMEOUT_MS = 120_000
# What the scripted provider is told to say: Markdown of every kind, a word a chunk.
ANSWER = """Words and **more of them** with `code` and a [link](https://example.org/), so that there is much to read.

- a list
- of things with *emphasis*
  1. nested

```python
def merge(intervals):
    return sorted(intervals)  # with a comment
```

| a | b |
|---|--:|
| one of the cells | 2 |

Then $x^2 + y^2$ and the end of this part.

"""
# Chromium's own record of what its threads did; `tdur` is the CPU time of a task.
TRACED = ["toplevel", "disabled-by-default-devtools.timeline", "__metadata"]
TASKS = {"RunTask", "ThreadControllerImpl::RunTask"}

NOTE_FIRST_MESSAGE = """new MutationObserver((_, observer) => {
  const answer = document.querySelector(".answer.last > .markdown");
  if (!answer?.textContent) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.openedAt = performance.now(); }));
}).observe(document, { childList: true, subtree: true });"""
NOTE_TYPING = """() => {
  window.typed = [];
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) if (name === "keydown") typed.push(duration);
  }).observe({ type: "event", durationThreshold: 16 });
}"""
SCRIPT_BYTES = """() => performance.getEntriesByType("resource")
  .filter(({ name }) => new URL(name).pathname.endsWith(".js"))
  .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)"""
DELTAS = """() => {
  const { live, threads, open } = evochat.state();
  const [writing] = Object.values(live);
  const { messages, head } = threads[open];
  return writing?.seq ?? messages[head].generation.seq;
}"""


@dataclass(frozen=True)
class Size:
    """How many messages the conversation has, and how quickly and how long the answer comes."""

    messages: int
    rate: float
    seconds: float


@dataclass(frozen=True)
class Chat:
    """A running evochat with a long conversation, and who may read it."""

    url: str
    cookie: str
    conversation: str


async def measure(stage: Stage, size: Size) -> list[Row]:
    """Open the conversation, load all of it, and type while an answer is written."""
    chat = started(stage, size)
    async with open_chromium() as chromium, chromium.session("bench-ui") as browser:
        opened, script_kb = await opening(browser, chat)
        page = await conversation_page(browser, chat)
        window = await writing(browser, page, size, "the latest 50 messages")
        await load_all(page, size.messages)
        whole = await writing(browser, page, size, f"all {size.messages:,} messages")
    return [opened, script_kb, *window, *whole]


def started(stage: Stage, size: Size) -> Chat:
    """Start evochat so that a delta of the provider is a delta of the page."""
    env = {"DELTA_WINDOW_MS": str(max(1, round(1000 / size.rate)))}
    system = stage.evochat("sqlite", 1, **env)
    conversation = stage.run_in(system, "-m", "benchmarks.long_conversation", str(size.messages))
    return Chat(f"http://127.0.0.1:{system.port}", stage.cookies[system][0], conversation)


async def opening(browser: BrowserSession, chat: Chat) -> tuple[Row, Row]:
    """Time from the click to the last answer on screen, with an empty cache; and the JavaScript that took."""
    times, sizes = [], []
    for _ in range(OPENINGS):
        page = await conversation_page(browser, chat)
        times.append(float(await page.evaluate("openedAt")))
        sizes.append(await page.evaluate(SCRIPT_BYTES) / 1000)
        await page.context.close()
    ms, kb = median(times), max(sizes)
    return (
        Row(
            "time to open, nothing cached",
            f"under {OPEN_MS_MAX:g} ms",
            f"{ms:.0f} ms",
            ms < OPEN_MS_MAX,
        ),
        Row(
            "JavaScript of the page, compressed, without formulas and colours",
            f"under {SCRIPT_KB_MAX:g} KB",
            f"{kb:.0f} KB",
            kb < SCRIPT_KB_MAX,
        ),
    )


async def conversation_page(browser: BrowserSession, chat: Chat) -> Page:
    """Open the conversation as someone who was never here."""
    context = await browser.context()
    name, value = chat.cookie.split("=", 1)
    await context.add_cookies([{"name": name, "value": value, "url": chat.url}])
    page = await context.new_page()
    await page.add_init_script(NOTE_FIRST_MESSAGE)
    await page.goto(f"{chat.url}/c/{chat.conversation}/")
    await page.wait_for_function("() => window.openedAt")
    return page


async def load_all(page: Page, messages: int) -> None:
    """Scroll up until the first message is there, then back to the end."""
    await page.locator(".scroller").hover()
    while await page.locator(".message").count() < messages:
        await page.mouse.wheel(0, -20_000)
        await page.evaluate("new Promise(requestAnimationFrame)")
    await page.locator("[data-part=jump]").click()
    await page.wait_for_function("() => document.querySelector('[data-part=jump]').hidden")


async def writing(browser: BrowserSession, page: Page, size: Size, what: str) -> list[Row]:
    """Type while an answer comes, and read what the main thread did meanwhile."""
    await page.evaluate(NOTE_TYPING)
    parts = "".join(ANSWER for _ in range(round(size.rate * size.seconds / 60)))
    await page.locator("#prompt").fill(f"[[echo=1 rate={size.rate:g}]] {parts}")
    await page.locator("#prompt").press("Enter")
    # Drawing the prompt itself, a long one, is not what is measured.
    await page.wait_for_function(
        f"() => Object.keys(evochat.state().live).length > 0 && ({DELTAS})() > 50"
    )
    await browser.process.start_tracing(page=page, categories=TRACED)
    deltas = await type_for(page, size.seconds / 2)
    trace = json.loads(await browser.process.stop_tracing())["traceEvents"]
    await page.wait_for_function(
        "() => Object.keys(evochat.state().live).length === 0", timeout=ANSWER_TIMEOUT_MS
    )
    tasks = main_thread_tasks(trace, size)
    typed = [float(ms) for ms in await page.evaluate("typed")] or [0.0]
    return rows(what, deltas, tasks, typed)


async def type_for(page: Page, seconds: float) -> float:
    """Type until the time is up; return the deltas a second that came."""
    before = await page.evaluate(DELTAS)
    started = await page.evaluate("performance.now()")
    for _ in range(round(seconds * KEYS_PER_SECOND)):
        await page.keyboard.type("a")
        await asyncio.sleep(1 / KEYS_PER_SECOND)
    took = await page.evaluate("performance.now()") - started
    return float((await page.evaluate(DELTAS) - before) / took * 1000)


@dataclass(frozen=True)
class Task:
    """One task of the main thread: its time by the clock and on the CPU."""

    ms: float
    cpu_ms: float


def main_thread_tasks(trace: Iterable[dict[str, Any]], size: Size) -> list[Task]:
    """Read the tasks of the busiest renderer's main thread out of a trace."""
    trace = list(trace)
    mains = {
        (event["pid"], event["tid"])
        for event in trace
        if event.get("name") == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    by_thread: dict[tuple[int, int], list[Task]] = {main: [] for main in mains}
    for event in trace:
        thread = (event["pid"], event["tid"])
        if event.get("name") in TASKS and event.get("ph") == "X" and thread in by_thread:
            spent = event["dur"] / 1000
            by_thread[thread].append(Task(spent, event.get("tdur", event["dur"]) / 1000))
    return max(by_thread.values(), key=lambda tasks: sum(task.cpu_ms for task in tasks))


def rows(what: str, deltas: float, tasks: list[Task], typed: list[float]) -> list[Row]:
    longest = max(tasks, key=lambda task: task.cpu_ms)
    wall = max(task.ms for task in tasks)
    p95 = percentile(typed, 0.95)
    return [
        Row(
            f"longest task while {deltas:.0f} deltas/s come, {what}",
            f"under {TASK_MS_MAX:g} ms of CPU",
            f"{longest.cpu_ms:.0f} ms ({wall:.0f} ms by the clock, {len(tasks):,} tasks)",
            longest.cpu_ms < TASK_MS_MAX,
        ),
        Row(
            f"key to paint meanwhile, {what}",
            f"p95 under {TYPING_MS_MAX:g} ms",
            f"p50 {median(typed):.0f} ms, p95 {p95:.0f} ms ({len(typed)} keys over 16 ms)",
            p95 < TYPING_MS_MAX,
        ),
    ]


def options() -> Size:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ui", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--messages", type=int, default=1000, help="of the conversation (1000)")
    parser.add_argument("--rate", type=float, default=200, help="deltas a second (200)")
    parser.add_argument("--seconds", type=float, default=20, help="an answer lasts (20)")
    chosen = parser.parse_args()
    return Size(chosen.messages, chosen.rate, chosen.seconds)


async def main(size: Size) -> bool:
    """Measure; return whether every target is reached."""
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before we begin", flush=True)
    with stage() as clear:
        found = await measure(clear, size)
    print(f"\n{rendered(found)}")
    return all(row.is_reached is not False for row in found)


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main(options())) else 1)
