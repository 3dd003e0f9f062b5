"""What may happen, in any order: each is a sentence, so that a failing example reads as a story."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from chat.evolution import Delta, Finish, ProviderError
from tests.properties.page import Page
from tests.properties.process import Process
from tests.properties.provider import Call
from tests.properties.virtual_loop import Job
from tests.properties.world import PAGES, PROCESSES, World

T = TypeVar("T")

# Which one of those there are: 0 is the newest.
newest = st.integers(0, 3)
pages = st.sampled_from([*PAGES])
processes = st.sampled_from(PROCESSES)
words = st.sampled_from(["one ", "two ", "three ", "four "])
seconds = st.sampled_from([0.5, 1.0, 2.0, 5.0, 14.0])


@dataclass(frozen=True)
class Kind:
    """Something that may happen: how often, compared with others, when it can, and its details."""

    do: Callable[..., None]
    weight: int
    is_possible: Callable[[Any], Any]
    details: Mapping[str, st.SearchStrategy[Any]]

    @cached_property
    def happenings(self) -> st.SearchStrategy[Happening]:
        return st.builds(Happening, st.just(self), st.fixed_dictionaries(dict(self.details)))


@dataclass(frozen=True)
class Happening:
    """One line of a story."""

    kind: Kind
    details: dict[str, Any]

    def __repr__(self) -> str:
        details = ", ".join(f"{name}={value!r}" for name, value in self.details.items())
        return f"{self.kind.do.__name__}({details})"


HAPPENINGS: list[Kind] = []


def happening(
    weight: int, when: Callable[[Any], Any] = lambda self: True, **details: Any
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Enter a method of the machine among what may happen."""

    def enter(method: Callable[..., None]) -> Callable[..., None]:
        HAPPENINGS.append(Kind(method, weight, when, details))
        return method

    return enter


class ProtocolMachine(RuleBasedStateMachine):
    """Two processes that serve and write, three pages of two people, one database."""

    def __init__(self, make_world: Callable[[], World]) -> None:
        super().__init__()
        self.world = make_world()
        self.is_sound = True
        self.kills = 0
        for name, process in zip(PAGES, (*PROCESSES, PROCESSES[0]), strict=True):
            self.page(name).connect(self.process(process))
        self.world.settle()

    @rule(data=st.data())
    def then(self, data: st.DataObject) -> None:
        """Let one of those things happen that can.

        Drawn as one: of several rules hypothesis leaves out about half in each example, and a story
        in which something goes wrong needs many.
        """
        kinds = [kind for kind in HAPPENINGS if kind.is_possible(self)]
        weighted = st.sampled_from([kind for kind in kinds for _ in range(kind.weight)])
        drawn = data.draw(weighted.flatmap(lambda kind: kind.happenings), label="then")
        drawn.kind.do(self, **drawn.details)

    @initialize(copies=st.sampled_from(["prompt", "slow"]), slow=st.sampled_from(["", *PROCESSES]))
    def the_story_begins_with(self, copies: str, slow: str) -> None:
        """Trouble from the start: what waits for its rule to be chosen comes too late in most stories."""
        with self.step():
            self._send("Alice's laptop", None)
            self.world.settle()
            self.world.network.is_prompt = copies == "prompt"
            if slow:
                self.process(slow).is_slow = True

    # -- A person --------------------------------------------------------------------------------

    @happening(
        3, page=pages, where=st.sampled_from(["in a new conversation", "further"]), which=newest
    )
    def somebody_asks(self, page: str, where: str, which: int) -> None:
        with self.step():
            place = self._conversation_of(page, which) if where == "further" else None
            self._send(page, place)

    @happening(1, when=lambda self: self.world.oracle.messages, page=pages, which=newest)
    def somebody_edits_a_prompt(self, page: str, which: int) -> None:
        with self.step():
            if edited := self._prompt_of(page, which):
                parent = None if edited.parent_id is None else str(edited.parent_id)
                self._send(page, str(edited.conversation_id), parent=parent)

    @happening(2, when=lambda self: self.world.oracle.messages, page=pages, which=newest)
    def somebody_sends_the_same_again(self, page: str, which: int) -> None:
        """From any page of the same person, acknowledged before or not."""
        with self.step():
            if again := self._newest(self._sent_by(page), which):
                self._say(page, again["type"], **{f: again[f] for f in again if f not in UNSENT})

    @happening(
        2,
        when=lambda self: self.world.oracle.generations,
        page=pages,
        wanted=st.sampled_from(["another answer", "it continued"]),
        which=newest,
    )
    def somebody_wants(self, page: str, wanted: str, which: int) -> None:
        with self.step():
            found = self._generation_of(page, which)
            if found and wanted == "it continued":
                self._say(page, "generation.continue", generation=str(found.pk))
            elif found:
                prompt = str(self.world.oracle.messages[found.message_id].parent_id)
                key = self.world.new_key()
                self._say(page, "generation.create", message=prompt, answer=key)

    @happening(
        2,
        when=lambda self: self.world.oracle.generations,
        page=pages,
        by=st.sampled_from(["generation", "message", "conversation"]),
        which=newest,
    )
    def somebody_cancels(self, page: str, by: str, which: int) -> None:
        with self.step():
            if found := self._generation_of(page, which):
                message = self.world.oracle.messages[found.message_id]
                ids = {
                    "generation": found.pk,
                    "message": message.parent_id,
                    "conversation": message.conversation_id,
                }
                self._say(page, "generation.cancel", **{by: str(ids[by])})

    @happening(
        2,
        when=lambda self: self.world.oracle.conversations,
        page=pages,
        how=st.sampled_from(["opens", "opens from its revision", "leaves"]),
        which=newest,
    )
    def somebody_turns_to_a_conversation_and(self, page: str, how: str, which: int) -> None:
        with self.step():
            one, place = self.page(page), self._conversation_of(page, which)
            if place and one.socket and how != "leaves":
                one.subscribe(place, with_revision=how != "opens")
            elif place in one.conversations:
                one.unsubscribe(place)

    @happening(2, when=lambda self: self.world.oracle.generations, which=newest)
    def bob_reaches_for_what_is_of_alice(self, which: int) -> None:
        with self.step():
            if found := self._generation_of("Alice's phone", which):
                place = str(found.conversation_id)
                self._say("Bob's laptop", "conversation.subscribe", conversation=place)
                self._say("Bob's laptop", "generation.cancel", conversation=place)
                self._say("Bob's laptop", "generation.cancel", generation=str(found.pk))
                self._say("Bob's laptop", "generation.continue", generation=str(found.pk))

    # -- The way between a page and its process --------------------------------------------------

    @happening(
        2, page=pages, what=st.sampled_from(["loses its socket", "hears nothing", "hears again"])
    )
    def a_page(self, page: str, what: str) -> None:
        with self.step():
            if what == "loses its socket":
                self.page(page).lose_socket()
            else:
                self.page(page).is_stalled = what == "hears nothing"

    @happening(
        4,
        when=lambda self: any(page.socket is None for page in self.world.pages.values()),
        process=processes,
        with_revision=st.booleans(),
    )
    def pages_connect_again(self, process: str, with_revision: bool) -> None:
        with self.step():
            for page in self.world.pages.values():
                if page.socket is None and not self.process(process).is_dead:
                    page.connect(self.process(process))
                    for place in [*page.conversations]:
                        page.subscribe(place, with_revision=with_revision)

    # -- The provider ----------------------------------------------------------------------------

    @happening(
        4,
        when=lambda self: self.world.provider.open_calls(),
        which=newest,
        kind=st.sampled_from(["content", "content", "reasoning"]),
        text=words,
    )
    def the_provider_says(self, which: int, kind: Any, text: str) -> None:
        with self.step():
            if found := self._newest(self.world.provider.open_calls(), which):
                found.say(Delta(kind, text, 1))

    @happening(
        4,
        when=lambda self: self.world.provider.open_calls(),
        which=newest,
        kind=st.sampled_from(["content", "content", "reasoning"]),
        text=words,
    )
    def the_provider_says_and_a_moment_passes(self, which: int, kind: Any, text: str) -> None:
        with self.step():
            if found := self._newest(self.world.provider.open_calls(), which):
                self._say_a_moment(found, text, kind)

    @happening(
        2, when=lambda self: self.world.provider.open_calls(), page=pages, which=newest, text=words
    )
    def the_provider_says_while_a_page_reads(self, page: str, which: int, text: str) -> None:
        """It is in the snapshot or comes after it: neither twice nor never."""
        with self.step():
            call, socket = (
                self._newest(self.world.provider.open_calls(), which),
                self.page(page).socket,
            )
            if call and socket and not socket.process.is_slow:
                socket.process.is_reading = True
                self.page(page).subscribe(
                    self.world.place_of(str(call.generation)), with_revision=False
                )
                self.world.settle()
                self._say_a_moment(call, text)
                socket.process.is_reading = False

    @happening(2, when=lambda self: self.world.provider.open_calls(), which=newest, text=words)
    def the_provider_says_and_the_first_copy_is_lost(self, which: int, text: str) -> None:
        with self.step():
            network, call = (
                self.world.network,
                self._newest(self.world.provider.open_calls(), which),
            )
            if call and network.is_prompt:
                network.is_prompt = False
                self._say_a_moment(call, text)
                network.on_the_way.clear()
                network.is_prompt = True
                self._say_a_moment(call, text)

    @happening(
        2,
        when=lambda self: self.world.provider.open_calls(),
        which=newest,
        how=st.sampled_from(["stop", "length", "failure"]),
    )
    def the_provider_ends_with(self, which: int, how: str) -> None:
        with self.step():
            if found := self._newest(self.world.provider.open_calls(), which):
                failure = ProviderError("provider_truncated")
                found.say(failure if how == "failure" else Finish(how))

    # -- Time ------------------------------------------------------------------------------------

    @happening(2, passed=seconds)
    def time_passes(self, passed: float) -> None:
        with self.step():
            self.world.pass_time(passed)

    @happening(
        1, when=lambda self: any(not g.is_live for g in self.world.oracle.generations.values())
    )
    def logs_are_forgotten(self) -> None:
        with self.step():
            self.world.record.logs_grow_old()

    # -- The database's threads of a process -----------------------------------------------------

    @happening(6, when=lambda self: self._jobs(is_done=False), which=newest)
    def a_slow_transaction_commits(self, which: int) -> None:
        """And its process does not hear of it yet."""
        with self.step():
            if found := self._newest(self._jobs(is_done=False), which):
                process, job = found
                process.work(job, self.world.record.do)

    @happening(6, when=lambda self: self._jobs(is_done=True), which=newest)
    def a_process_hears_of_a_commit(self, which: int) -> None:
        with self.step():
            if found := self._newest(self._jobs(is_done=True), which):
                process, job = found
                process.hear(job)

    # -- Between the processes -------------------------------------------------------------------

    @happening(1, are=st.sampled_from(["slow", "prompt"]))
    def copies_between_processes(self, are: str) -> None:
        with self.step():
            self.world.network.is_prompt = are == "prompt"

    @happening(
        6,
        when=lambda self: self.world.network.on_the_way,
        number=newest,
        what=st.sampled_from(["arrives", "arrives, to come again", "is lost"]),
    )
    def a_copy(self, number: int, what: str) -> None:
        with self.step():
            if number < len(self.world.network.on_the_way):
                if what == "is lost":
                    del self.world.network.on_the_way[number]
                else:
                    self.world.network.arrive(number, again=what != "arrives")

    # -- Processes -------------------------------------------------------------------------------

    @happening(1, name=processes, what=st.sampled_from(["slowly", "slowly", "at once"]))
    def the_database_answers(self, name: str, what: str) -> None:
        with self.step():
            self.process(name).is_slow = what == "slowly"

    @happening(2, name=processes, what=st.sampled_from(["goes deaf", "hears", "freezes", "wakes"]))
    def a_process(self, name: str, what: str) -> None:
        with self.step():
            process = self.process(name)
            if what in ("goes deaf", "hears"):
                process.layer.is_deaf = what == "goes deaf"
            else:
                process.is_frozen = what == "freezes"

    @happening(1, when=lambda self: self.world.provider.open_calls(), name=processes)
    def a_process_stands_still_until_it_is_taken_for_dead(self, name: str) -> None:
        with self.step():
            process = self.process(name)
            process.is_frozen = True
            self.world.pass_time(REAPED_AFTER_S)
            process.is_frozen = False

    @happening(1, when=lambda self: self.kills < KILLS_MAX, name=processes)
    def a_process_is_killed(self, name: str) -> None:
        with self.step():
            process = self.process(name)
            if process.is_dead:
                return
            self.kills += 1
            process.crash()
            for page in self.world.pages.values():
                if page.socket is not None and page.socket.process is process:
                    page.lose_socket()

    @happening(2, when=lambda self: any(p.is_dead for p in self.world.processes.values()))
    def killed_processes_start_again(self) -> None:
        with self.step():
            for name, process in self.world.processes.items():
                if process.is_dead:
                    self.world.start(name)

    # -- What the rules are made of --------------------------------------------------------------

    @contextmanager
    def step(self) -> Iterator[None]:
        """Do one thing, let it have its effects, and check everything."""
        self.is_sound = False
        yield
        self.world.settle()
        self.world.check()
        self.is_sound = True

    def teardown(self) -> None:
        try:
            if self.is_sound:
                self.world.come_to_rest()
                self.world.check_everybody_agrees()
        finally:
            self.world.close()

    def page(self, name: str) -> Page:
        return self.world.pages[name]

    def process(self, name: str) -> Process:
        return self.world.processes[name]

    def _jobs(self, *, is_done: bool) -> list[tuple[Process, Job]]:
        """List what the threads of slow processes could do, or what these could hear is done."""
        slow = [p for p in self.world.processes.values() if p.is_slow and p.is_running]
        if is_done:
            return [(process, job) for process in slow for job in process.loop.jobs if job.is_done]
        return [(process, job) for process in slow for job in process.loop.runnable()]

    def _say_a_moment(self, call: Call, text: str, kind: Any = "content") -> None:
        """Say it, and let as much time pass as it takes to be stored and shown."""
        if call.is_open:
            call.say(Delta(kind, text, 1))
            self.world.settle()
            self.world.pass_time(0.5)

    def _send(self, page: str, place: str | None, **fields: Any) -> None:
        key = self.world.new_key()
        content = f"{UUID(key).int}?"
        self._say(page, "message.send", message=key, content=content, conversation=place, **fields)

    def _say(self, page: str, kind: str, **fields: Any) -> None:
        if self.page(page).socket is not None:
            self.page(page).say(kind, **fields)

    def _newest(self, found: list[T], number: int) -> T | None:
        """Give one of the newest; of few, the last."""
        return found[-1 - number % len(found)] if found else None

    def _conversation_of(self, page: str, number: int) -> str | None:
        rows = self.world.oracle.conversations.values()
        own = [str(c.pk) for c in rows if c.owner_id == self.page(page).user]
        return self._newest(own, number)

    def _prompt_of(self, page: str, number: int) -> Any:
        oracle, user = self.world.oracle, self.page(page).user
        rows = [m for m in oracle.messages.values() if m.role == "user"]
        own = [m for m in rows if oracle.conversations[m.conversation_id].owner_id == user]
        return self._newest(own, number)

    def _generation_of(self, page: str, number: int) -> Any:
        rows = self.world.oracle.generations.values()
        return self._newest([g for g in rows if g.owner_id == self.page(page).user], number)

    def _sent_by(self, page: str) -> list[dict[str, Any]]:
        user, pages_ = self.page(page).user, self.world.pages.values()
        commands = [c for each in pages_ if each.user == user for c in each.commands.values()]
        return [command for command in commands if command["type"] in RESENT]


KILLS_MAX = 3
# A lease of 10 s, and two looks 2 s apart; some for a reaper that has just begun to look.
REAPED_AFTER_S = 20
RESENT = ("message.send", "generation.create", "generation.continue")
UNSENT = ("type", "command_id")
