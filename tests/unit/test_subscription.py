"""What one socket is told of one conversation, whatever is lost, doubled or late on the way."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.envelope import CANCELLED_WHILE_QUEUED, CREATED, STARTED, Envelope, step_of
from chat.subscription import ENDED, Subscription

CONVERSATION = uuid.uuid4()
GENERATION = uuid.uuid4()


def created(revision: int, generation: UUID = GENERATION) -> Envelope:
    return Envelope(CONVERSATION, ["created"], revision, generation, CREATED)


def started(generation: UUID = GENERATION) -> Envelope:
    return Envelope(CONVERSATION, ["started"], None, generation, STARTED)


def delta(seq: int, generation: UUID = GENERATION) -> Envelope:
    return Envelope(CONVERSATION, [f"delta {seq}"], None, generation, step_of(seq))


def ended(revision: int, seq: int, generation: UUID = GENERATION) -> Envelope:
    return Envelope(CONVERSATION, ["ended"], revision, generation, step_of(seq), ends=True)


def queued(position: int) -> Envelope:
    return Envelope(CONVERSATION, [f"queued {position}"], None, GENERATION, CREATED, aside=True)


def subscribed(revision: int = 0, at: int | None = None) -> Subscription:
    subscription = Subscription(CONVERSATION)
    subscription.start(revision, {} if at is None else {GENERATION: at})
    return subscription


def offer_all(subscription: Subscription, *envelopes: Envelope) -> list[str]:
    frames: list[str] = []
    for envelope in envelopes:
        passed, is_missing = subscription.offer(envelope)
        assert not is_missing
        frames += passed
    return frames


# -- One thing at a time ---------------------------------------------------------------------------


def test_it_passes_a_generation_from_beginning_to_end() -> None:
    told = offer_all(subscribed(), created(1), started(), delta(1), delta(2), ended(2, 3))

    assert told == ["created", "started", "delta 1", "delta 2", "ended"]


def test_it_drops_what_comes_twice() -> None:
    told = offer_all(
        subscribed(), created(1), created(1), started(), started(), delta(1), delta(1), delta(1)
    )

    assert told == ["created", "started", "delta 1"]


def test_it_drops_whatever_comes_after_the_end() -> None:
    subscription = subscribed()
    offer_all(subscription, created(1), started(), delta(1), ended(2, 2))

    assert offer_all(subscription, delta(1), delta(2), delta(3), ended(2, 2), started()) == []


def test_a_generation_cancelled_in_the_queue_ends_without_a_start() -> None:
    end = ended(2, CANCELLED_WHILE_QUEUED - 1)

    assert offer_all(subscribed(), created(1), end) == ["created", "ended"]


def test_an_end_whose_start_is_late_is_no_cancel_in_the_queue() -> None:
    subscription = subscribed()
    offer_all(subscription, created(1))

    assert subscription.offer(ended(2, 1)) == ([], True)
    assert subscription.replay(2, [started(), ended(2, 1)]) == ["started", "ended"]
    assert subscription.release() == ([], False)


def test_a_lost_delta_shows_and_holds_back_what_follows() -> None:
    subscription = subscribed()
    offer_all(subscription, created(1), started(), delta(1))

    assert subscription.offer(delta(3)) == ([], True)
    assert subscription.is_holding
    assert subscription.offer(delta(4)) == ([], False)
    assert subscription.replay(1, [delta(2)]) == ["delta 2"]
    assert subscription.release() == (["delta 3", "delta 4"], False)
    assert not subscription.is_holding


def test_a_lost_revision_shows() -> None:
    assert subscribed(revision=3).offer(created(5)) == ([], True)


def test_a_start_that_was_lost_shows_with_the_first_delta() -> None:
    subscription = subscribed()
    offer_all(subscription, created(1))

    assert subscription.offer(delta(1)) == ([], True)


def test_a_reading_tells_only_what_is_news() -> None:
    subscription = subscribed()
    offer_all(subscription, created(1), started(), delta(1))

    assert subscription.replay(1, [started(), delta(1), delta(2)]) == ["delta 2"]


def test_a_reading_that_ends_a_generation_lets_nothing_of_it_through_later() -> None:
    subscription = subscribed()
    offer_all(subscription, created(1), started(), delta(1))
    subscription.hold()
    for envelope in (delta(2), ended(2, 3)):
        subscription.offer(envelope)

    assert subscription.replay(2, [delta(2), ended(2, 3)]) == ["delta 2", "ended"]
    assert subscription.release() == ([], False)


def test_a_position_in_the_queue_is_told_only_while_it_is_true() -> None:
    subscription = subscribed()

    assert offer_all(subscription, queued(1)) == []
    assert offer_all(subscription, created(1), queued(2)) == ["created", "queued 2"]
    assert offer_all(subscription, started(), queued(1)) == ["started"]


def test_several_gaps_in_what_was_held_take_several_readings() -> None:
    subscription = subscribed()
    offer_all(subscription, created(1), started())
    for envelope in (delta(2), delta(4), delta(5)):
        subscription.offer(envelope)

    assert subscription.replay(1, [delta(1), delta(2)]) == ["delta 1", "delta 2"]
    assert subscription.release() == ([], True)
    assert subscription.replay(1, [delta(3)]) == ["delta 3"]
    assert subscription.release() == (["delta 4", "delta 5"], False)


def test_a_latecomer_of_a_generation_that_ended_unseen_is_let_go_after_one_reading() -> None:
    """Its end is older than the snapshot, which did not show it: no reading will tell of it either."""
    subscription = subscribed(revision=7)

    assert subscription.offer(delta(5)) == ([], True)
    assert subscription.offer(created(8, UUID(int=1))) == ([], False)
    assert subscription.replay(7, []) == []
    assert subscription.release() == (["created"], False)


def test_a_gap_that_was_not_read_yet_is_still_a_gap() -> None:
    """A subscribe that fails lets go what was held without having read anything."""
    subscription = subscribed(at=step_of(1))
    subscription.offer(delta(3))

    assert subscription.release() == ([], True)
    assert subscription.replay(0, [delta(2), delta(3)]) == ["delta 2", "delta 3"]
    assert subscription.release() == ([], False)


# -- Everything at once ----------------------------------------------------------------------------


@dataclass
class Written:
    """A generation as the database has it: the envelopes of its steps so far, in order."""

    id: UUID
    envelopes: list[Envelope] = field(default_factory=list)
    changed_at: int = 0

    @property
    def seq(self) -> int:
        return max((e.step or 0) - 1 for e in self.envelopes) if len(self.envelopes) > 1 else 0

    @property
    def is_ended(self) -> bool:
        return bool(self.envelopes) and self.envelopes[-1].ends

    @property
    def step(self) -> int:
        return ENDED if self.is_ended else self.envelopes[-1].step or 0


class Record:
    """A conversation's record, and readings of it as `chat.conversations` makes them."""

    def __init__(self) -> None:
        self.revision = 0
        self.generations: list[Written] = []

    def write(self, at: int, ends: bool) -> list[Envelope]:
        """Do the next thing to one of a few generations; return what is published of it."""
        while at >= len(self.generations):
            self.generations.append(Written(uuid.uuid4()))
        generation = self.generations[at]
        if generation.is_ended:
            return []
        envelope = self._next(generation, ends)
        generation.envelopes.append(envelope)
        if envelope.revision is not None:
            generation.changed_at = envelope.revision
        return [envelope]

    def _next(self, generation: Written, ends: bool) -> Envelope:
        count = len(generation.envelopes)
        # Created, started (or cancelled before), then a delta each.
        step = count
        changes = count == 0 or ends
        self.revision += changes
        return Envelope(
            CONVERSATION,
            [f"{generation.id}:{step}"],
            self.revision if changes else None,
            generation.id,
            step,
            ends=ends and count > 0,
        )

    def changes_since(
        self, revision: int, steps: dict[UUID, int], *, whole: bool
    ) -> tuple[int, list[Envelope]]:
        missed: list[Envelope] = []
        for generation in self.generations:
            at = steps.get(generation.id, -1)
            is_news = generation.changed_at > revision or not generation.is_ended or at >= 0
            if generation.envelopes and at < ENDED and is_news:
                missed += _missed(generation, at, whole=whole)
        return self.revision, missed


def _missed(generation: Written, at: int, *, whole: bool) -> Iterator[Envelope]:
    ahead = [e for e in generation.envelopes if e.step is not None and e.step > at]
    texts = [e for e in ahead if not e.ends and (e.step or 0) > STARTED]
    if whole and len(texts) > 1:
        # One frame in place of many, as `generation.snapshot` is.
        joined = [frame for text in texts for frame in text.frames]
        text = Envelope(CONVERSATION, joined, None, generation.id, texts[-1].step)
        ahead = [e for e in ahead if e not in texts or e is texts[0]]
        ahead = [text if e is texts[0] else e for e in ahead]
    yield from ahead


class Socket:
    """One socket of the hypothesis test: what reaches it, and what it was told."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.subscription = Subscription(CONVERSATION)
        self.frames: list[str] = []
        self.wants_reading = False
        self.reading: tuple[int, list[Envelope]] | None = None

    def receive(self, envelope: Envelope) -> None:
        self._take(*self.subscription.offer(envelope))

    def begin_reading(self, *, whole: bool) -> None:
        self.subscription.hold()
        told = self.subscription
        self.reading = self.record.changes_since(told.revision, dict(told.steps), whole=whole)
        self.wants_reading = False

    def end_reading(self) -> None:
        assert self.reading is not None
        reading, self.reading = self.reading, None
        self._take(self.subscription.replay(*reading), False)
        self._take(*self.subscription.release())

    def _take(self, frames: list[str], is_missing: bool) -> None:
        self.frames += frames
        self.wants_reading |= is_missing


# What happens next: something is written, arrives, or is read.
happenings = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 3), st.sampled_from([False] * 4 + [True])),
        st.tuples(st.just("arrive"), st.integers(0, 5), st.sampled_from(["once", "twice"])),
        st.tuples(st.just("lose"), st.integers(0, 5)),
        st.tuples(st.just("read"), st.booleans()),
        st.tuples(st.just("apply")),
    ),
    max_size=120,
)


@settings(max_examples=400, deadline=None)
@given(happenings)
def test_whatever_happens_on_the_way_it_tells_all_once_and_in_order(
    happenings: list[tuple[object, ...]],
) -> None:
    record = Record()
    socket = Socket(record)
    on_the_way: list[Envelope] = []

    for happening in happenings:
        _happen(happening, record, socket, on_the_way)
        _check_told(socket, record, complete=False)

    _settle(socket)
    _check_told(socket, record, complete=True)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.booleans()), min_size=3), happenings)
def test_a_subscription_that_begins_in_the_middle_never_hangs_on_the_past(
    writes: list[tuple[int, bool]], after: list[tuple[object, ...]]
) -> None:
    """A snapshot shows a window of the conversation: what ended outside it is not named in it."""
    record = Record()
    on_the_way = [envelope for write in writes for envelope in record.write(*write)]
    socket = Socket(record)
    past = {g.id for g in record.generations if g.is_ended}
    socket.subscription.start(
        record.revision,
        {g.id: g.step for g in record.generations if g.envelopes and not g.is_ended},
    )
    known = dict(socket.subscription.steps)

    for happening in after:
        _happen(happening, record, socket, on_the_way)
    _settle(socket)

    assert not socket.subscription.is_holding
    for generation in record.generations:
        told = [f for f in socket.frames if f.startswith(str(generation.id))]
        steps = [
            e.frames[0]
            for e in generation.envelopes
            if (e.step or 0) > known.get(generation.id, -1)
        ]
        assert told == ([] if generation.id in past else steps)


def _happen(
    happening: tuple[object, ...], record: Record, socket: Socket, on_the_way: list[Envelope]
) -> None:
    match happening:
        case ("write", int(at), bool(ends)):
            on_the_way += record.write(at, ends)
        case ("arrive", int(at), how) if at < len(on_the_way):
            socket.receive(on_the_way[at])
            if how == "once":
                del on_the_way[at]
        case ("lose", int(at)) if at < len(on_the_way):
            del on_the_way[at]
        case ("read", bool(whole)) if socket.reading is None:
            socket.begin_reading(whole=whole)
        case ("apply",) if socket.reading is not None:
            socket.end_reading()


def _settle(socket: Socket) -> None:
    """Read as often as is asked for, and once more for what was lost without anybody noticing."""
    if socket.reading is not None:
        socket.end_reading()
    socket.wants_reading = True
    # Each reading lets at least one held envelope go.
    for _ in range(400):
        if not socket.wants_reading:
            return
        socket.begin_reading(whole=False)
        socket.end_reading()
    pytest.fail("it asks for readings without end")


def _check_told(socket: Socket, record: Record, *, complete: bool) -> None:
    for generation in record.generations:
        expected = [envelope.frames[0] for envelope in generation.envelopes]
        told = [frame for frame in socket.frames if frame.startswith(str(generation.id))]
        assert told == (expected if complete else expected[: len(told)])


def test_many_long_shuffled_runs_end_complete() -> None:
    """Longer runs than hypothesis draws: hundreds of deltas, a third of them lost, late or doubled."""
    for seed in range(20):
        chance = random.Random(seed)
        record, on_the_way = Record(), []
        socket = Socket(record)
        for _ in range(600):
            on_the_way += record.write(chance.randrange(4), chance.random() < 0.01)
            while on_the_way and chance.random() < 0.5:
                at = min(len(on_the_way) - 1, int(chance.expovariate(1)))
                envelope = on_the_way.pop(at)
                for _ in range(chance.choice([0, 1, 1, 1, 2])):
                    socket.receive(envelope)
            if socket.wants_reading and socket.reading is None and chance.random() < 0.3:
                socket.begin_reading(whole=chance.random() < 0.5)
            if socket.reading is not None and chance.random() < 0.3:
                socket.end_reading()
        _settle(socket)
        _check_told(socket, record, complete=True)
