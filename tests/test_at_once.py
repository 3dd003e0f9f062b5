"""What two do at the same instant, over two connections: one is first, and the other is told so."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from chat import conversations, reviews
from chat.generation.admission import Claimed, Claims, Limits, claim
from chat.generation.live import Outcome as Ended
from chat.generation.record import Ending, end_generations
from chat.models import (
    Act,
    Admission,
    Conversation,
    Generation,
    Message,
    Outcome,
    Review,
    ReviewNote,
    Role,
    Runner,
    Status,
    User,
    UserLimits,
)
from chat.protocol import CommandError, MessageSend
from chat.reviews import Refusal, RefusedError
from tests.support.at_once import AtOnce


@pytest.fixture
def meeting(database_url: str, django_db_blocker: DjangoDbBlocker) -> Iterator[AtOnce]:
    with django_db_blocker.unblock():
        meeting = AtOnce(database_url)
        try:
            yield meeting
        finally:
            meeting.close()


# -- Reviews ---------------------------------------------------------------------------------------

Reviewed = tuple[Review, User, User]


@pytest.fixture
def reviewed(meeting: AtOnce) -> Reviewed:
    """Give an answer to review, and Bob and Charlie who review."""
    return meeting.do(_reviewed)


def _reviewed() -> Reviewed:
    alice, bob, charlie = (User.objects.create(username=name) for name in ("a", "bob", "charlie"))
    conversation = Conversation.objects.create(owner=alice)
    prompt = Message.objects.create(
        conversation=conversation, role=Role.USER, content="Why?", revision=1
    )
    answer = Message.objects.create(
        conversation=conversation, role=Role.ASSISTANT, parent=prompt, revision=1
    )
    review = Review.objects.create(message=answer, conversation=conversation, flagged=True)
    return review, bob, charlie


def met(meeting: AtOnce, review: Review, *works: Callable[[], None]) -> list[Any]:
    """Let two acts meet at the review's conversation, which both lock."""
    return meeting.two(lambda: Conversation.objects.locked(review.conversation_id), *works)


def acts() -> list[tuple[str, str]]:
    return list(ReviewNote.objects.values_list("author_name", "act"))


def test_two_take_a_review_at_once_and_one_has_it_and_the_other_is_told_who(
    meeting: AtOnce, reviewed: Reviewed
) -> None:
    review, bob, charlie = reviewed
    outcomes = met(
        meeting,
        review,
        lambda: reviews.take(review.pk, bob),
        lambda: reviews.take(review.pk, charlie),
    )
    meeting.do(review.refresh_from_db)

    assert outcomes.count(None) == 1
    winner = bob if outcomes[0] is None else charlie
    refused = next(each for each in outcomes if each is not None)
    assert isinstance(refused, RefusedError)
    assert (refused.refusal, refused.holder) == (Refusal.TAKEN, winner.username)
    assert (review.assigned_to, review.assigned_name) == (winner.pk, winner.username)
    assert meeting.do(acts) == [(winner.username, Act.TAKE)]


@pytest.mark.parametrize("first", ["take", "resolve"])
def test_a_review_is_resolved_by_one_while_another_takes_it(
    meeting: AtOnce, reviewed: Reviewed, first: str
) -> None:
    review, bob, charlie = reviewed
    works = {
        "take": lambda: reviews.take(review.pk, bob),
        "resolve": lambda: reviews.resolve(review.pk, charlie, Outcome.FINE, "all is well"),
    }
    order = sorted(works, key=lambda name: name != first)
    outcomes = dict(zip(order, met(meeting, review, *(works[name] for name in order)), strict=True))
    meeting.do(review.refresh_from_db)

    done = [name for name, outcome in outcomes.items() if outcome is None]
    told = [
        (each.refusal, each.holder) for each in outcomes.values() if isinstance(each, RefusedError)
    ]
    if done == ["take"]:
        assert told == [(Refusal.TAKEN, "bob")]
        assert (review.is_open, review.assigned_name) == (True, "bob")
        assert meeting.do(acts) == [("bob", Act.TAKE)]
    else:
        assert (done, told) == (["resolve"], [(Refusal.RESOLVED, "charlie")])
        assert (review.outcome, review.assigned_name) == (Outcome.FINE, "")
        assert meeting.do(acts) == [("charlie", Act.RESOLVE)]


# -- Limits of one user ----------------------------------------------------------------------------


@pytest.fixture
def alice(meeting: AtOnce) -> User:
    return meeting.do(lambda: User.objects.create(username="alice"))


def limited(user: User, **limits: Any) -> None:
    UserLimits.objects.update_or_create(user=user, defaults=limits)


def prompt(user: User) -> uuid.UUID:
    sent = MessageSend(message=uuid.uuid4(), content="Hello", conversation=None)
    return conversations.submit(user.pk, sent, uuid.uuid4()).generation


def both_ask(meeting: AtOnce, user: User) -> list[Any]:
    """Let two prompts of one user meet; give why one or the other was refused."""
    outcomes = meeting.two(
        lambda: list(User.objects.select_for_update(no_key=True).filter(pk=user.pk)),
        lambda: prompt(user),
        lambda: prompt(user),
    )
    assert all(isinstance(each, uuid.UUID | CommandError) for each in outcomes), outcomes
    return [each for each in outcomes if isinstance(each, CommandError)]


def asked() -> int:
    return Generation.objects.count()


@pytest.mark.parametrize("limit", ["prompts_per_day", "queued"])
def test_of_two_prompts_at_once_the_last_that_is_allowed_is_one(
    meeting: AtOnce, alice: User, limit: str
) -> None:
    meeting.do(lambda: limited(alice, **{limit: 2}))
    meeting.do(prompt, alice)

    (refused,) = both_ask(meeting, alice)
    code = "quota_exceeded" if limit == "prompts_per_day" else "too_many_generations"
    assert refused.code == code
    assert meeting.do(asked) == 2


def started(user: User) -> tuple[uuid.UUID, Claimed]:
    runner = enlisted()
    prompt(user)
    (generation,) = claim(runner, Limits(parallel=9, per_user=9)).generations
    return runner, generation


def enlisted() -> uuid.UUID:
    runner = uuid.uuid4()
    Runner.objects.enlist(runner, "host:1")
    return runner


def test_tokens_count_for_every_connection_from_the_commit_of_their_answers_end(
    meeting: AtOnce, alice: User
) -> None:
    meeting.do(lambda: limited(alice, tokens_per_day=100))
    runner, generation = meeting.do(started, alice)
    how = Ended(status=Status.COMPLETED, input_tokens=60, output_tokens=40)
    ending = Ending(generation.id, generation.conversation, 2, "Hi", "", how)
    prompts = 1
    with meeting.held(lambda: end_generations(runner, [ending])):
        # SQLite has one writer, whom a prompt waits for.
        if not meeting.connections[0].is_sqlite:
            meeting.do(prompt, alice)
            prompts = 2

    refused = both_ask(meeting, alice)
    assert [each.quota for each in refused] == ["tokens_per_day"] * 2
    assert meeting.do(asked) == prompts


def test_two_processes_begin_no_more_of_ones_answers_than_are_allowed_at_once(
    meeting: AtOnce, alice: User
) -> None:
    meeting.do(lambda: limited(alice, at_once=2))
    runners = [meeting.do(enlisted) for _ in range(2)]
    for _ in range(4):
        meeting.do(prompt, alice)
    limits = Limits(parallel=9, per_user=3)
    claims = meeting.two(
        Admission.lock, lambda: claim(runners[0], limits), lambda: claim(runners[1], limits)
    )

    assert all(isinstance(each, Claims) for each in claims), claims
    assert sorted(len(each.generations) for each in claims) == [0, 2]
    assert meeting.do(lambda: Generation.objects.running().count()) == 2
