"""A check that cannot fail is worth nothing: each rule of the harness is broken here once."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chat.models import Conversation, Delta, Generation, Message, Runner, User
from tests.chaos.client import Client
from tests.chaos.invariants import SLACK, check_record, leaks
from tests.chaos.member import Member
from tests.chaos.record import Record
from tests.chaos.screen import Frame, Screen
from tests.support.database import Person

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WORDS = ["w0001 ", "w0002 ", "w0003 "]


def delta(seq: int, text: str = "a ", kind: str = "content") -> Frame:
    fields = {"generation": "g", "seq": seq, "kind": kind, "text": text}
    return {"type": "generation.delta", **fields}


def end(seq: int, status: str = "completed") -> Frame:
    return {"type": f"generation.{status}", "generation": "g", "seq": seq}


def whole(seq: int, content: str, reasoning: str = "") -> Frame:
    fields = {"generation": "g", "message": "m", "status": "in_progress", "seq": seq}
    return {"type": "generation.snapshot", **fields, "content": content, "reasoning": reasoning}


def ended_snapshot(status: str = "completed", seq: int = 2) -> Frame:
    message = {"id": "m", "content": "a ", "generation": {"id": "g", "status": status, "seq": seq}}
    conversation = {"id": "c", "revision": 3}
    told = {"conversation": conversation, "messages": [message], "generations": []}
    return {"type": "conversation.snapshot", **told}


BREACHES = {
    "a repeated delta": [delta(1), delta(1)],
    "a gap": [delta(1), delta(3)],
    "a first delta that is missing": [delta(2)],
    "a gap before the end": [delta(1), end(3)],
    "a delta after the end": [delta(1), end(2), delta(3)],
    "two ends": [delta(1), end(2), end(3)],
    "two ends of different kinds": [delta(1), end(2), end(3, "cancelled")],
    "an end after a snapshot told of it": [delta(1), ended_snapshot(), end(3)],
    "a delta after a snapshot told of the end": [delta(1), ended_snapshot(), delta(3)],
    "content taken back": [delta(1, "a "), delta(2, "b "), whole(2, "a ")],
    "reasoning taken back": [delta(1, "r ", "reasoning"), whole(1, "")],
    "a seq taken back": [delta(1, "a "), delta(2, ""), whole(1, "a ")],
    "live again": [delta(1), end(2), whole(2, "a ")],
}
GOOD = {
    "deltas and an end": [delta(1), delta(2), end(3)],
    "a snapshot, then on": [delta(1), whole(4, "a b "), delta(5), end(6)],
    "an end that a snapshot tells": [delta(1), ended_snapshot()],
    "a repeated end as a reply": [delta(1), end(2), {**end(2), "command_id": "again"}],
}


@pytest.mark.parametrize("frames", BREACHES.values(), ids=BREACHES)
def test_the_screen_sees_a_breach(frames: list[Frame]) -> None:
    screen = Screen()
    for frame in frames:
        assert screen.breaches == []
        screen.take(frame)
    assert screen.breaches


@pytest.mark.parametrize("frames", GOOD.values(), ids=GOOD)
def test_the_screen_takes_what_is_right(frames: list[Frame]) -> None:
    screen = Screen()
    for frame in frames:
        screen.take(frame)
    assert screen.breaches == []


@dataclass
class Played:
    """A scenario that went well: alice asked once and was answered with three words."""

    record: Record = field(default_factory=Record)

    def __post_init__(self) -> None:
        self.alice = Client(Person(User(id=1, username="alice"), "key"), [])
        self.conversation = Conversation(owner=self.alice.person.user)
        self.record.owners[str(self.conversation.pk)] = 1
        self.prompt = self.add_message("user", "some words [[chunks=3]]", None)
        self.answer = self.add_message("assistant", "".join(WORDS), self.prompt)
        self.runner = Runner(id=uuid.uuid4(), name="host:1", lease_expires_at=NOON)
        self.record.runners[str(self.runner.pk)] = self.runner
        self.generation = self.add_generation("".join(WORDS), seq=4)
        self.record.logs[str(self.generation.pk)] = [
            Delta(generation=self.generation, seq=n, kind="c", text=w)
            for n, w in enumerate(WORDS, 1)
        ]
        self.record.calls[self.prompt.content] = [self.call(3)]
        self._show()

    def add_message(self, role: str, content: str, parent: Message | None) -> Message:
        message = Message(
            conversation=self.conversation, role=role, content=content, parent=parent, revision=1
        )
        self.record.messages.append(message)
        return message

    def add_generation(self, text: str, seq: int, **more: Any) -> Generation:
        common = {"message": self.answer, "conversation": self.conversation, "started_at": NOON}
        fields = {"status": "completed", "content_chars": len(text), "runner": self.runner, **more}
        generation = Generation(owner=self.alice.person.user, seq=seq, **common, **fields)
        self.record.generations.append(generation)
        return generation

    def call(self, chunks: int) -> dict[str, Any]:
        body = {"stream": True, "messages": [{"role": "user", "content": self.prompt.content}]}
        return {"body": body, "chunks_sent": chunks, "ended_at": 1.0}

    def _show(self) -> None:
        key = str(self.prompt.pk)
        ids = {"conversation": str(self.conversation.pk), "generation": str(self.generation.pk)}
        accepted = {"type": "message.accepted", "message": key, "answer": str(self.answer.pk)}
        self.alice.sent[key] = self.prompt.content
        self.alice.accepted[key] = {**accepted, **ids}
        self.see(self.alice.accepted[key])
        for seq, word in enumerate(WORDS, start=1):
            self.see({**delta(seq, word), **ids})
        self.see({**end(4), **ids})

    def see(self, frame: Frame) -> None:
        self.alice.frames.append(frame)
        self.alice.screen.take(frame)

    @property
    def shown(self) -> Any:
        return self.alice.screen.shown[str(self.generation.pk)]

    def check(self) -> None:
        check_record(self.record, [self.alice])


def _second_message(played: Played) -> None:
    played.add_message("user", played.prompt.content, None)


def _lost_message(played: Played) -> None:
    played.record.messages.remove(played.prompt)


def _other_words(played: Played) -> None:
    played.prompt.content = "other words"


def _second_answer(played: Played) -> None:
    played.add_message("assistant", "", played.prompt)


def _second_generation(played: Played) -> None:
    played.add_generation("", seq=1)


def _unasked_continuation(played: Played) -> None:
    played.add_generation("", seq=1, continues=played.generation)


def _refused_and_stored(played: Played) -> None:
    played.alice.refused[str(played.prompt.pk)] = {"type": "error"}


def _second_call(played: Played) -> None:
    played.record.calls[played.prompt.content].append(played.call(3))


def _no_call(played: Played) -> None:
    played.record.calls.clear()


def _open_call(played: Played) -> None:
    played.record.calls[played.prompt.content][0]["ended_at"] = None


def _word_not_kept(played: Played) -> None:
    played.record.calls[played.prompt.content][0]["chunks_sent"] = 4


def _word_not_sent(played: Played) -> None:
    played.record.calls[played.prompt.content][0]["chunks_sent"] = 2


def _lost_word(played: Played) -> None:
    played.answer.content = "w0001 w0003 "


def _lost_last_word(played: Played) -> None:
    played.answer.content = "w0001 w0002 "


def _repeated_word(played: Played) -> None:
    played.answer.content = "w0001 w0002 w0002 w0003 "


def _word_not_shown(played: Played) -> None:
    played.shown.content = "w0001 w0002 "


def _word_only_shown(played: Played) -> None:
    played.shown.content += "w0004 "


def _reasoning_only_shown(played: Played) -> None:
    played.shown.reasoning = "r0001 "


def _unended(played: Played) -> None:
    played.generation.status = "in_progress"


def _other_end(played: Played) -> None:
    played.generation.status = "cancelled"


def _other_seq(played: Played) -> None:
    played.generation.seq = 5


def _hole_in_the_log(played: Played) -> None:
    del played.record.logs[str(played.generation.pk)][1]


def _log_beyond_the_end(played: Played) -> None:
    late = Delta(generation=played.generation, seq=4, kind="c", text="w0004 ")
    played.record.logs[str(played.generation.pk)].append(late)


def _other_text_in_the_log(played: Played) -> None:
    played.record.logs[str(played.generation.pk)][2].text = "w0004 "


def _reaped_late(played: Played) -> None:
    played.runner.ended_at = NOON + timedelta(seconds=21)
    played.shown.ended = played.generation.status = "interrupted"


def _frame_of_another(played: Played) -> None:
    theirs = Conversation(owner_id=2)
    played.record.owners[str(theirs.pk)] = 2
    played.see({"type": "conversation.updated", "conversation": {"id": str(theirs.pk)}})


def _delta_of_another(played: Played) -> None:
    theirs = played.add_generation("", seq=1)
    theirs.owner_id = 2
    theirs.continues = played.generation
    played.alice.continued[str(played.generation.pk)] = {}
    played.alice.frames.append({**delta(1), "generation": str(theirs.pk)})


def _message_of_nobody(played: Played) -> None:
    played.see({"type": "message.created", "message": {"id": str(uuid.uuid4())}})


def _older_snapshot(played: Played) -> None:
    last = {"id": str(played.generation.pk), "status": "completed", "seq": 4}
    played.alice.screen.answers[str(played.answer.pk)] = {"content": "w0001 ", "generation": last}


def _breach(played: Played) -> None:
    played.alice.screen.breaches.append("seq 3 after 1")


FAULTS: list[Callable[[Played], None]] = [
    _second_message,
    _lost_message,
    _other_words,
    _second_answer,
    _second_generation,
    _unasked_continuation,
    _refused_and_stored,
    _second_call,
    _no_call,
    _open_call,
    _word_not_kept,
    _word_not_sent,
    _lost_word,
    _lost_last_word,
    _repeated_word,
    _word_not_shown,
    _word_only_shown,
    _reasoning_only_shown,
    _unended,
    _other_end,
    _other_seq,
    _hole_in_the_log,
    _log_beyond_the_end,
    _other_text_in_the_log,
    _reaped_late,
    _frame_of_another,
    _delta_of_another,
    _message_of_nobody,
    _older_snapshot,
    _breach,
]


def test_the_invariants_take_what_went_well() -> None:
    Played().check()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__.lstrip("_"))
def test_the_invariants_find(fault: Callable[[Played], None]) -> None:
    played = Played()
    fault(played)
    with pytest.raises(AssertionError):
        played.check()


@pytest.mark.parametrize("what", [*SLACK, "memory_kib"])
def test_the_census_finds_a_leak(what: str, tmp_path: Any) -> None:
    idle: dict[str, Any] = dict.fromkeys(SLACK, 10) | {"memory_kib": 90_000, "task_names": {}}
    member = Member("web1", ("serve",), {}, tmp_path, {}, 0, before=idle, last_census=dict(idle))
    assert leaks(member) == []
    member.last_census[what] += SLACK.get(what, 100_000) + 1
    assert [found.partition(":")[0] for found in leaks(member)] == [what]
