"""Who is next: fair between users, within the limits."""

import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chat.generation.admission import Limits, Queued, admissible, fair_order

START = datetime(2026, 1, 1, tzinfo=UTC)
ALICE, BOB, CHARLIE = 1, 2, 3


def queue_of(*owners: int, waiting: tuple[int, ...] = ()) -> list[Queued]:
    """Queue a generation for each of `owners`, oldest first; those at `waiting` wait for another."""
    return [
        Queued(
            id=uuid.uuid4(),
            conversation=uuid.uuid4(),
            owner=owner,
            created_at=START + timedelta(seconds=number),
            position=None,
            waiting=number in waiting,
        )
        for number, owner in enumerate(owners)
    ]


def owners(generations: list[Queued]) -> list[int]:
    return [queued.owner for queued in generations]


def chosen(queue: list[Queued], running: Counter[int], limits: Limits) -> list[Queued]:
    return admissible(fair_order(queue, running), running, limits)


def test_a_queue_of_one_user_keeps_its_order() -> None:
    queue = queue_of(ALICE, ALICE, ALICE)

    assert fair_order(queue, Counter()) == queue


def test_users_take_turns() -> None:
    queue = queue_of(ALICE, ALICE, ALICE, BOB, BOB, CHARLIE)

    assert owners(fair_order(queue, Counter())) == [ALICE, BOB, CHARLIE, ALICE, BOB, ALICE]


def test_who_has_least_running_goes_first() -> None:
    queue = queue_of(ALICE, BOB, CHARLIE)

    assert owners(fair_order(queue, Counter({ALICE: 2, BOB: 1}))) == [CHARLIE, BOB, ALICE]


def test_between_equals_the_older_goes_first() -> None:
    queue = queue_of(BOB, ALICE)

    assert owners(fair_order(queue, Counter({ALICE: 1, BOB: 1}))) == [BOB, ALICE]


def test_no_more_start_than_the_provider_takes() -> None:
    queue = queue_of(ALICE, BOB, CHARLIE)

    assert owners(chosen(queue, Counter({ALICE: 1}), Limits(parallel=3, per_user=9))) == [
        BOB,
        CHARLIE,
    ]


def test_nothing_starts_when_it_is_full() -> None:
    assert chosen(queue_of(BOB), Counter({ALICE: 3}), Limits(parallel=3, per_user=9)) == []


def test_a_user_at_the_limit_keeps_nobody_else_waiting() -> None:
    queue = queue_of(ALICE, ALICE, BOB)

    assert owners(chosen(queue, Counter(), Limits(parallel=9, per_user=1))) == [ALICE, BOB]


def test_a_limit_of_ones_own_goes_before_that_of_all() -> None:
    less, more = queue_of(ALICE, ALICE, BOB, BOB), queue_of(ALICE, ALICE, BOB, BOB)
    less = [one._replace(at_once=1) if one.owner == ALICE else one for one in less]
    more = [one._replace(at_once=2) if one.owner == ALICE else one for one in more]

    assert owners(chosen(less, Counter(), Limits(parallel=9, per_user=2))) == [ALICE, BOB, BOB]
    assert owners(chosen(more, Counter(), Limits(parallel=9, per_user=1))) == [ALICE, BOB, ALICE]


def test_a_prompt_whose_parent_is_being_answered_waits_and_others_pass() -> None:
    queue = queue_of(ALICE, ALICE, waiting=(0,))

    assert chosen(queue, Counter(), Limits(parallel=9, per_user=9)) == [queue[1]]


def test_the_count_it_was_given_stays_as_it_was() -> None:
    running = Counter({ALICE: 1})
    chosen(queue_of(ALICE, BOB), running, Limits(parallel=9, per_user=9))

    assert running == Counter({ALICE: 1})


users = st.integers(1, 4)


@given(
    st.lists(users, max_size=30),
    st.sets(st.integers(0, 29)),
    st.dictionaries(users, st.integers(0, 4)),
    st.integers(1, 10),
    st.integers(1, 4),
)
def test_the_limits_hold_and_no_room_is_left_unused(
    queued: list[int],
    waiting: set[int],
    running: dict[int, int],
    parallel: int,
    per_user: int,
) -> None:
    queue = queue_of(*queued, waiting=tuple(waiting))
    before = Counter(running)
    started = chosen(queue, before, Limits(parallel, per_user))
    after = before + Counter(owners(started))

    assert len(started) <= max(0, parallel - before.total())
    assert all(after[user] <= max(per_user, before[user]) for user in after)
    assert not any(queued.waiting for queued in started)
    if after.total() < parallel:
        left = [one for one in queue if one not in started and not one.waiting]
        assert all(after[one.owner] >= per_user for one in left)
