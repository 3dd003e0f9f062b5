"""A random walk: someone writes, stops, reloads, opens and closes tabs, over a link that fails at random.

Every step is chosen by a seeded generator, so a walk is told again by its seed (but not to the millisecond:
browser, server and link are real). When it is quiet, what the tabs show and what the database holds is compared.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from playwright.async_api import Error, Locator, Page

from chat.models import Role
from tests.browser.person import Visitor
from tests.support.deployment import last_message
from tests.support.proxy import Proxy
from tests.support.waiting import eventually

# Under load a page takes long to start; what is waited for is a state, and this only ends a hopeless wait.
QUIET_SECONDS = 90.0
MOST_TABS = 3
MARKER = re.compile(r"s\d+p\d{4,}")

_LOOK = """() => {
  if (!window.evochat) return null;
  const state = evochat.state();
  const thread = state.threads[state.open];
  const shown = {};
  for (const node of document.querySelectorAll(".answer")) {
    // Not innerText: what is scrolled out of sight is not laid out (content-visibility), and that is empty there.
    const text = [...node.querySelectorAll(".markdown")].at(-1).textContent;
    shown[node.dataset.id] = text.split(/\\s+/).filter(Boolean).join(" ");
  }
  const held = {};
  for (const message of Object.values(thread?.messages ?? {})) held[message.id] = message.content;
  return {
    ready: state.connection.phase === "ready",
    // Also what a closed tab has left and nobody has taken over yet.
    kept: Object.keys(localStorage).filter((name) => name.startsWith("evochat.unsent.")).length,
    moving: state.outbox.length + Object.keys(state.stops).length + Object.keys(state.live).length,
    subscribed: !state.open || thread?.sync === "live",
    written: document.querySelector("[data-part=text]").value,
    shown, held,
  };
}"""

# What a page holds of what was entered in it; null if its scripts have not come.
_KNOWS = """() => window.evochat && JSON.stringify({
  outbox: evochat.state().outbox.map(({ content, key }) => [content, key]), drafts: evochat.state().drafts,
})"""

# All that is written and not sent, in this tab and for the next one.
_DRAFTS = """() => {
  const stored = Object.keys(localStorage).filter((name) => name.startsWith("evochat.draft."));
  return [JSON.stringify(evochat.state().drafts), ...stored.map((name) => localStorage[name])].join(" ");
}"""


def drawn(look: dict[str, Any]) -> bool:
    """Tell whether the page shows what it holds: it draws once a frame, after what has arrived."""
    held = look["held"]
    return all(text == " ".join(held.get(pk, "").split()) for pk, text in look["shown"].items())


@dataclass(eq=False)
class Tab:
    """One tab, and what was typed in it, in order."""

    page: Page
    typed: list[str] = field(default_factory=list)


class Walk:
    """Walks with `visitor`'s browser over `link`; `steps` counts what was done."""

    def __init__(self, visitor: Visitor, link: Proxy, seed: int) -> None:
        self.visitor = visitor
        self.link = link
        self.seed = seed
        self.random = random.Random(seed)
        self.steps: Counter[str] = Counter()
        self.compared = 0
        self.tabs = [Tab(visitor.page)]
        self._closed: list[Tab] = []
        # What was done, for a walk that fails: a second one by the same seed is not the same.
        self._story: list[str] = []
        self._numbers = itertools.count(1)
        self._typed: list[str] = []
        self._entered: Counter[str] = Counter()
        self._taken_back: set[str] = set()
        self._is_bad = False
        self._is_stuck = False
        self._has_lost = False

    @property
    def disturbances(self) -> int:
        """Count the drops, reloads, failures of the link and further tabs."""
        return self.steps.total() - sum(
            self.steps[calm] for calm in ("write", "leave_unsent", "stop", "new_chat", "restore")
        )

    async def step(self) -> None:
        """Do one thing at random; a link that fails is soon a good one again."""
        if self._is_bad and self.random.random() < 0.4:
            return await self._do(self._restore)
        choices: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (30, self._write),
            (6, self._stop),
            (5, self._leave_unsent),
            (4, self._new_chat),
            (12, self._reload),
            (5, self._close_tab),
            (5, self._second_tab),
            (10, self._drop),
            (5, self._cut),
            (3, self._freeze),
            (2, self._lose),
            (3, self._delay),
            (3, self._throttle),
        ]
        weights = [weight for weight, _ in choices]
        [(_, chosen)] = self.random.choices(choices, weights)
        return await self._do(chosen)

    async def _do(self, step: Callable[..., Awaitable[None]], *tab: Tab) -> None:
        self.steps[step.__name__.removeprefix("_")] += 1
        self._story.append(step.__name__)
        await step(*tab)

    # -- What a person does -------------------------------------------------------------------

    async def _leave_unsent(self) -> None:
        """Write while there is no connection, and let the page go."""
        if not self._is_bad:
            await self._do(self._cut)
        tab = self.random.choice(self.tabs)
        await self._do(self._write, tab)
        await self._do(self.random.choice([self._reload, self._close_tab]), tab)

    async def _write(self, tab: Tab | None = None) -> None:
        tab = tab or self.random.choice(self.tabs)
        composer = tab.page.locator("[data-part=text]")
        with contextlib.suppress(Error):
            # Half loaded over a bad link: the page says so, and its field is no more than a field.
            if await tab.page.evaluate(_KNOWS) is None:
                return
            if not await composer.input_value(timeout=3000):
                marker = f"s{self.seed}p{next(self._numbers):04}"
                chunks, rate = self.random.choice([(3, 0), (12, 40), (25, 60)])
                await composer.focus(timeout=3000)
                # As a person writes: what came back into the field meanwhile stays in it.
                await tab.page.keyboard.insert_text(f"{marker} [[chunks={chunks} rate={rate}]]")
                self._typed.append(marker)
                tab.typed.append(marker)
            await self._enter(composer)

    async def _enter(self, composer: Locator) -> None:
        """Press Enter, and note for which prompts: what Stop took back is entered again."""
        written = MARKER.findall(await composer.input_value(timeout=3000))
        await composer.press("Enter", timeout=3000)
        self._entered.update(written)
        knows = await composer.page.evaluate(_KNOWS)
        self._story.append(f"entered {written} in {composer.page.url}, which knows {knows}")

    async def _stop(self) -> None:
        """Press Stop if it is there. What had not left is in the composer then."""
        tab = self.random.choice(self.tabs)
        with contextlib.suppress(Error):
            await tab.page.locator("[data-mode=stop]").click(timeout=300)
            written = await tab.page.locator("[data-part=text]").input_value(timeout=3000)
            self._taken_back |= set(MARKER.findall(written))
            self._story.append(f"took back {written!r}, in {tab.page.url}")

    async def _new_chat(self) -> None:
        tab = self.random.choice(self.tabs)
        with contextlib.suppress(Error):
            await tab.page.locator("[data-part=newChat]").click(timeout=3000)

    async def _reload(self, tab: Tab | None = None) -> None:
        await self._load((tab or self.random.choice(self.tabs)).page.reload)

    async def _close_tab(self, tab: Tab | None = None) -> None:
        tab = tab or self.random.choice(self.tabs)
        page = await self.visitor.page.context.new_page()
        self.visitor._listen(page)
        self.tabs[self.tabs.index(tab)] = Tab(page)
        self._closed.append(tab)
        where = tab.page.url
        await tab.page.close()
        await self._load(lambda **how: page.goto(self._address(where), **how))

    async def _second_tab(self) -> None:
        where = self.random.choice(self.tabs).page.url
        if len(self.tabs) == MOST_TABS:
            gone = self.tabs.pop(0)
            self._closed.append(gone)
            await gone.page.close()
        page = await self.visitor.page.context.new_page()
        self.visitor._listen(page)
        self.tabs.append(Tab(page))
        await self._load(lambda **how: page.goto(self._address(where), **how))

    def _address(self, seen: str) -> str:
        return seen if seen.startswith(self.visitor.url) else f"{self.visitor.url}/"

    async def _load(self, load: Callable[..., Awaitable[Any]]) -> None:
        """Load a page. Over a stuck link that ends only when the link is good again."""
        loading = asyncio.ensure_future(load(wait_until="load", timeout=60_000))
        if self._is_stuck:
            await self._restore()
        with contextlib.suppress(Error):
            await loading

    # -- What the link does -------------------------------------------------------------------

    async def _drop(self) -> None:
        self.link.drop(reset=self.random.random() < 0.5)
        if not self._is_bad:
            await self._tell("online")

    async def _cut(self) -> None:
        self._is_bad = True
        self.link.cut(reset=self.random.random() < 0.5)

    async def _freeze(self) -> None:
        self._is_bad = self._is_stuck = True
        self.link.freeze(*self._ways())

    async def _lose(self) -> None:
        self._is_bad = self._is_stuck = self._has_lost = True
        self.link.black_hole(*self._ways())

    async def _delay(self) -> None:
        self._is_bad = True
        self.link.delay(self.random.uniform(0.05, 0.3), *self._ways())

    async def _throttle(self) -> None:
        self._is_bad = True
        self.link.throttle(self.random.choice([50_000, 200_000]), *self._ways())

    def _ways(self) -> list[Any]:
        return self.random.choice([[], ["up"], ["down"]])

    async def _restore(self) -> None:
        """Make the link good. Connections that lost bytes are of no use, and nobody knows how many did."""
        if self._has_lost or self.random.random() < 0.5:
            self.link.drop()
        self.link.restore()
        self._is_bad = self._is_stuck = self._has_lost = False
        await self._tell("online")

    async def _tell(self, event: str) -> None:
        """Let each tab know of the network what a browser would tell it; bring back what is no page."""
        for tab in self.tabs:
            if not tab.page.url.startswith(self.visitor.url):
                await self._load(lambda page=tab.page, **how: page.goto(self.visitor.url, **how))
            with contextlib.suppress(Error):
                await tab.page.evaluate("event => dispatchEvent(new Event(event))", event)

    # -- What must be so when it is quiet -----------------------------------------------------

    async def compare(self) -> None:
        """Wait until nothing moves, and hold the tabs, the database and the provider to each other."""
        await self._do(self._restore)
        await self._send_what_is_written()
        looks = [await self._quiet(tab) for tab in self.tabs]
        drafts = [await tab.page.evaluate(_DRAFTS) for tab in self.tabs]
        kept = set(MARKER.findall(" ".join(drafts)))
        messages = self.visitor.chat.database.messages_of(self.visitor.person)
        answers = {str(m.pk): m.content for m in messages if m.role == Role.ASSISTANT}
        for look in looks:
            for pk, text in look["shown"].items():
                assert look["held"][pk] == answers[pk], (pk, look["held"][pk], answers[pk])
                assert text == " ".join(answers[pk].split()), (pk, text, answers[pk])
                self.compared += 1
        self._assert_each_prompt_is_there_once(messages, kept)
        await self._assert_each_was_asked_once(messages)

    async def begin_anew(self) -> None:
        """Leave one tab with an empty chat, so that a long walk does not walk ever slower."""
        while len(self.tabs) > 1:
            gone = self.tabs.pop()
            self._closed.append(gone)
            await gone.page.close()
        await self._load(partial(self.tabs[0].page.goto, self.visitor.url))

    async def _send_what_is_written(self) -> None:
        for tab in self.tabs:
            await self._quiet(tab)
            composer = tab.page.locator("[data-part=text]")
            if await composer.input_value():
                await self._enter(composer)

    async def _quiet(self, tab: Tab) -> dict[str, Any]:
        seen: dict[str, Any] = {}

        async def is_quiet() -> bool:
            seen.clear()
            # A page of the browser's own, after a failed load; it may be loading again by itself.
            if not tab.page.url.startswith(self.visitor.url):
                await self._load(partial(tab.page.goto, self.visitor.url))
            with contextlib.suppress(Error):
                seen.update(await tab.page.evaluate(_LOOK) or {})
            is_settled = seen and seen["ready"] and seen["subscribed"]
            return bool(is_settled and not seen["moving"] and not seen["kept"] and drawn(seen))

        try:
            await eventually(is_quiet, "a quiet tab", QUIET_SECONDS)
        except TimeoutError as error:
            if seen and not drawn(seen):
                raise AssertionError(f"drawn {seen['shown']}, held {seen['held']}") from None
            state = await tab.page.evaluate("() => JSON.stringify(window.evochat?.state() ?? null)")
            raise AssertionError(f"{error}: {state[:4000]}") from None
        return dict(seen)

    def _assert_each_prompt_is_there_once(self, messages: list[Any], kept: set[str]) -> None:
        """Hold that a prompt is one message. What Stop took back may be a draft, or have been entered again."""
        prompts = [m for m in messages if m.role == Role.USER]
        found = Counter(marker for m in prompts for marker in MARKER.findall(m.content))
        assert not set(found) - set(self._typed), set(found) - set(self._typed)
        for marker in self._typed:
            where = (marker, found[marker], self._entered[marker], marker in self._taken_back)
            if marker in self._taken_back or not self._entered[marker]:
                assert found[marker] <= self._entered[marker], where
                assert found[marker] or marker in kept, (where, self._since(marker))
            else:
                assert found[marker] == 1, (where, self._since(marker))
        for tab in [*self.tabs, *self._closed]:
            for conversation in {m.conversation_id for m in prompts}:
                self._assert_order(tab, [m for m in prompts if m.conversation_id == conversation])

    def _since(self, marker: str) -> str:
        """Tell what was done from shortly before a prompt was written."""
        first = next((n for n, said in enumerate(self._story) if marker in said), 0)
        return "\n".join(self._story[max(0, first - 10) : first + 60])

    def _assert_order(self, tab: Tab, prompts: list[Any]) -> None:
        stored = [marker for m in prompts for marker in MARKER.findall(m.content)]
        ours = [m for m in stored if m in tab.typed and m not in self._taken_back]
        assert ours == [m for m in tab.typed if m in ours], (ours, tab.typed)

    async def _assert_each_was_asked_once(self, messages: list[Any]) -> None:
        calls = await self.visitor.chat.evolution.all_calls()
        asked = Counter(last_message(call) for call in calls)
        started = {
            str(generation.message_id)
            for generation in self.visitor.chat.database.generations_of(self.visitor.person)
            if generation.started_at is not None
        }
        parents = {m.parent_id: str(m.pk) for m in messages if m.role == Role.ASSISTANT}
        for prompt in (m for m in messages if m.role == Role.USER):
            expected = 1 if parents[prompt.pk] in started else 0
            # Stopped between the start and the request, it may not have been asked.
            assert asked[prompt.content] <= expected, (prompt.content, asked[prompt.content])
            if self._answer_of(messages, prompt).content:
                assert asked[prompt.content] == 1, prompt.content

    def _answer_of(self, messages: list[Any], prompt: Any) -> Any:
        [answer] = [m for m in messages if m.parent_id == prompt.pk]
        return answer
