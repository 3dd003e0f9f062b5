"""Processes, pages, the provider and the record, on one virtual clock; and what must hold of them."""

from __future__ import annotations

import itertools
import json
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from chat.evolution import Finish
from chat.models import Generation, Status
from tests.properties.network import Network
from tests.properties.page import Page, Shown
from tests.properties.process import Process
from tests.properties.provider import ScriptedProvider
from tests.properties.record import OracleRecord
from tests.properties.virtual_loop import VirtualClock

PROCESSES = ("the first process", "the second process")
PAGES = {"Alice's laptop": "alice", "Alice's phone": "alice", "Bob's laptop": "bob"}
# A lease of 10 s, two sightings 2 s apart, a look a second, a claim; and some for what that sets off.
QUIET_AFTER_S = 60


@dataclass(frozen=True)
class Person:
    pk: int
    session_key: str


class World:
    """All there is in one example."""

    def __init__(
        self, make_record: Callable[[VirtualClock], OracleRecord], people: dict[str, Person]
    ) -> None:
        self.clock = VirtualClock()
        self.network = Network()
        self.provider = ScriptedProvider()
        self.record = make_record(self.clock)
        self.oracle = self.record.oracle
        self.processes = {name: self._new_process() for name in PROCESSES}
        self._numbers = itertools.count(1)
        self.pages = {
            name: Page(people[user].pk, people[user].session_key, self.place_of, self.new_key)
            for name, user in PAGES.items()
        }
        self._complaints = Complaints()
        logging.getLogger("chat").addHandler(self._complaints)
        self.settle()

    def new_key(self) -> str:
        """Give a uuid that no other thing has; counted, so that examples read the same each time."""
        return str(UUID(int=next(self._numbers)))

    def place_of(self, generation: str) -> str:
        return str(self.oracle.generations[UUID(generation)].conversation_id)

    def close(self) -> None:
        for process in self.processes.values():
            if not process.is_dead:
                process.crash()
        logging.getLogger("chat").removeHandler(self._complaints)
        self.record.clear()

    def start(self, name: str) -> None:
        self.processes[name] = self._new_process()

    def _new_process(self) -> Process:
        return Process(self.clock, self.network, self.provider)

    # -- Time ------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let everything happen that needs no time to pass."""
        is_busy = True
        while is_busy:
            is_busy = False
            for process in self.processes.values():
                if process.is_running:
                    is_busy |= process.loop.settle()
                    self._look_at_frames()
                    is_busy |= process.do_all(self.record.do)
        for page in self.pages.values():
            page.read()
        if any(process.loop._ready for process in self.processes.values() if process.is_running):
            self.settle()

    def pass_time(self, seconds: float) -> None:
        """Let time pass, from timer to timer."""
        until = self.clock.now + seconds
        while (at := self._next_at()) is not None and at <= until:
            self.clock.now = max(at, self.clock.now)
            self.record.time_passed()
            self.settle()
        self.clock.now = until
        self.record.time_passed()
        self.settle()

    def _next_at(self) -> float | None:
        running = [process.loop for process in self.processes.values() if process.is_running]
        return min((at for loop in running if (at := loop.next_at) is not None), default=None)

    # -- What must hold at every moment ------------------------------------------------------------

    def _look_at_frames(self) -> None:
        """Look at each frame at the moment it leaves: what it shows must be stored by then."""
        for page in self.pages.values():
            if page.socket is not None:
                for frame in page.socket.sent[page.socket.checked :]:
                    self._look_at_frame(page, json.loads(frame))
                page.socket.checked = len(page.socket.sent)

    def _look_at_frame(self, page: Page, event: dict[str, Any]) -> None:
        for owner in self._owners(event):
            assert owner == page.user, f"another user's: {event}"
        if event["type"] == "generation.delta":
            log = self.oracle.logs[UUID(event["generation"])]
            row = event["seq"], event["kind"], event["text"]
            assert row in log, f"shown, not stored: {row}"
        for told in _texts_told(event):
            stored = self.oracle.text_of(UUID(told["generation"]))
            assert stored[0].startswith(told["content"]), "shown, not stored"
            assert stored[1].startswith(told["reasoning"]), "shown, not stored"

    def _owners(self, event: dict[str, Any]) -> list[int]:
        """List the owners of all that an event is about."""
        if event["type"] == "error":
            return []
        place = event.get("conversation")
        place = place["id"] if isinstance(place, dict) else place
        owners = [self.oracle.conversations[UUID(place)].owner_id] if place else []
        named = [event["generation"]] if "generation" in event else []
        # Ids in the reply to a cancel, shapes in a snapshot.
        named += [
            each if isinstance(each, str) else each["id"] for each in event.get("generations", [])
        ]
        return owners + [self.oracle.generations[UUID(pk)].owner_id for pk in named]

    def check(self) -> None:
        """Hold the record to what it promises, after every step."""
        self.record.check()
        self._check_nothing_complained()
        self._check_limits()
        self._check_each_prompt_is_answered_once()
        for generation in self.oracle.generations.values():
            self._check_text(generation)
        for page in self.pages.values():
            for place, shown in page.conversations.items():
                self._check_shown(place, shown)

    def _check_nothing_complained(self) -> None:
        assert not self._complaints.heard
        for process in self.processes.values():
            assert not process.loop.defects

    def _check_limits(self) -> None:
        running = [g for g in self.oracle.generations.values() if g.status == Status.IN_PROGRESS]
        assert len(running) <= settings.EVOLUTION_MAX_PARALLEL
        per_user = Counter(g.owner_id for g in running)
        assert all(count <= settings.USER_MAX_GENERATIONS for count in per_user.values())

    def _check_each_prompt_is_answered_once(self) -> None:
        """A prompt has one answer of its own and one for each new key; each is continued at most once."""
        keys = {c["answer"] for c in self._commands("generation.create")}
        answers = Counter(
            m.parent_id
            for m in self.oracle.messages.values()
            if m.role == "assistant" and str(m.pk) not in keys
        )
        prompts = {m.pk for m in self.oracle.messages.values() if m.role == "user"}
        assert answers == dict.fromkeys(prompts, 1)
        continued = Counter(g.continues_id for g in self.oracle.generations.values())
        assert all(count == 1 for pk, count in continued.items() if pk is not None)
        assert continued[None] == len(prompts) + len(keys & set(map(str, self.oracle.messages)))
        for page in self.pages.values():
            for _, told in page.accepted:
                generation = self.oracle.generations[UUID(told["generation"])]
                assert str(generation.message_id) == told["answer"]
                assert str(self.oracle.messages[generation.message_id].parent_id) == told["message"]

    def _commands(self, kind: str) -> list[dict[str, Any]]:
        pages = self.pages.values()
        return [c for page in pages for c in page.commands.values() if c["type"] == kind]

    def _check_text(self, generation: Generation) -> None:
        log = self.oracle.logs[generation.pk]
        assert [seq for seq, _, _ in log] == list(range(1, len(log) + 1))
        if not generation.is_live:
            assert generation.seq == len(log) + 1
        calls = self.provider.calls_of(generation.pk)
        assert len(calls) <= (generation.started_at is not None), "the provider was asked twice"
        content, reasoning = self.oracle.text_of(generation.pk)
        said = calls[0].said if calls else {"content": "", "reasoning": ""}
        assert said["content"].startswith(content)
        assert said["reasoning"].startswith(reasoning)
        if generation.status in (Status.COMPLETED, Status.FAILED):
            assert (content, reasoning) == (said["content"], said["reasoning"])

    def _check_shown(self, place: str, shown: Shown) -> None:
        for message, texts in shown.texts().items():
            stored = self._stored_texts(message)
            for shown_text, stored_text in zip(texts, stored, strict=True):
                assert stored_text.startswith(shown_text), f"{shown_text!r} is not in {place}"

    def _stored_texts(self, message: str) -> tuple[str, str]:
        """Give what is stored of a message: of an answer, what its generations logged."""
        found = self.oracle.messages[UUID(message)]
        if found.role == "user":
            return found.content, ""
        written = [self.oracle.text_of(g.pk) for g in self.oracle.generations_of(found.pk)]
        return "".join(c for c, _ in written), "".join(r for _, r in written)

    # -- What must hold in the end -----------------------------------------------------------------

    def come_to_rest(self) -> None:
        """Heal everything, let the provider finish, and wait until nothing is live any more."""
        self.network.is_prompt = True
        self.network.on_the_way.clear()
        for name, process in self.processes.items():
            process.is_slow = process.is_frozen = process.is_reading = process.layer.is_deaf = False
            if process.is_dead:
                self.start(name)
        for page in self.pages.values():
            page.is_stalled = False
        self.settle()
        for _ in range(QUIET_AFTER_S):
            for call in self.provider.open_calls():
                call.say(Finish("stop"))
            self.pass_time(1)
            if not any(g.is_live for g in self.oracle.generations.values()):
                break
        else:
            raise AssertionError("an answer does not end")
        # Two looks for what was lost, and a link heard again.
        self.pass_time(8)

    def check_everybody_agrees(self) -> None:
        self.check()
        for page in self.pages.values():
            self._send_again_what_was_not_accepted(page)
        self.pass_time(1)
        self.come_to_rest()
        for page in self.pages.values():
            self._check_complete(page)
            self._subscribe_to_all(page)
        self.pass_time(1)
        for page in self.pages.values():
            assert len(self._own(page)) == sum(s.is_listening for s in page.conversations.values())
            self._check_complete(page)
        self.check()

    def _send_again_what_was_not_accepted(self, page: Page) -> None:
        if page.socket is None:
            page.connect(self.processes[PROCESSES[0]])
        accepted = {command["command_id"] for command, _ in page.accepted}
        for command in [*page.commands.values()]:
            if command["type"] == "message.send" and command["command_id"] not in accepted:
                page.say(**{**_without(command, "command_id", "type"), "kind": command["type"]})

    def _own(self, page: Page) -> list[str]:
        conversations = self.oracle.conversations.values()
        return [str(c.pk) for c in conversations if c.owner_id == page.user]

    def _subscribe_to_all(self, page: Page) -> None:
        for place in self._own(page):
            if place not in page.conversations or not page.conversations[place].is_listening:
                page.subscribe(place, with_revision=True)

    def _check_complete(self, page: Page) -> None:
        """What a page listens to, it shows as the record has it."""
        for place, shown in page.conversations.items():
            if not shown.is_listening:
                continue
            assert not shown.live, "an end was not told"
            assert shown.revision == self.oracle.conversations[UUID(place)].revision
            for message, texts in shown.texts().items():
                stored = self.oracle.messages[UUID(message)]
                assert texts == (stored.content, stored.reasoning)
                assert texts == self._stored_texts(message)
            messages = self.oracle._messages_in(UUID(place))
            later = {str(m.pk) for m in messages if self.oracle.made_at[m.pk] > shown.since}
            assert later <= set(shown.messages), "a message is not shown"


class Complaints(logging.Handler):
    """What the code under test logs with a traceback is a defect here."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.heard.append(logging.Formatter().format(record))


def _texts_told(event: dict[str, Any]) -> list[dict[str, Any]]:
    if event["type"] == "generation.snapshot":
        return [event]
    if event["type"] == "conversation.snapshot":
        return [{**live, "generation": live["id"]} for live in event["generations"]]
    return []


def _without(command: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in command.items() if name not in names}
