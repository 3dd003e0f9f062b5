"""The engine's units of work on a database: what is claimed, what is ended, in which order."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from chat import conversations
from chat.generation.admission import Claimed, Limits, claim
from chat.generation.live import Outcome
from chat.generation.prompt import prompt_for
from chat.generation.reaper import Reaper
from chat.generation.record import Ending, LeaseLostError, end_generations, store_deltas
from chat.models import (
    Conversation,
    Delta,
    Generation,
    Message,
    Review,
    Runner,
    Status,
    User,
)
from chat.protocol import GenerationContinue, MessageSend
from tests.unit.clock import Clock

pytestmark = pytest.mark.django_db(transaction=True)

LIMITS = Limits(parallel=10, per_user=10)


@pytest.fixture
def alice() -> User:
    return User.objects.create(username="alice")


@pytest.fixture
def runner() -> uuid.UUID:
    runner_id = uuid.uuid4()
    Runner.objects.enlist(runner_id, "host:1")
    return runner_id


def prompted(user: User, conversation: uuid.UUID | None = None) -> Generation:
    command = MessageSend(message=uuid.uuid4(), content="Hello", conversation=conversation)
    done = conversations.submit(user.pk, command, uuid.uuid4())
    return Generation.objects.get(pk=done.generation)


def ending(generation: Generation, content: str = "", **outcome: object) -> Ending:
    ended = Outcome(**{"status": Status.COMPLETED, **outcome})  # type: ignore[arg-type]
    return Ending(generation.pk, generation.conversation_id, 1, content, "", ended)


def settled_reaper(own_id: uuid.UUID | None = None, clock: Clock | None = None) -> Reaper:
    """Give a reaper that has looked for long enough to judge, every two seconds."""
    clock = clock or Clock()
    reaper = Reaper(own_id or uuid.uuid4(), clock)
    for _ in range(4):
        clock.advance(2)
        reaper.reap()
    return reaper


def test_a_claim_whose_answer_was_lost_is_taken_on_by_the_next(
    alice: User, runner: uuid.UUID
) -> None:
    generation = prompted(alice)
    claimed = Claimed(generation.pk, generation.conversation_id, alice.pk)
    assert claim(runner, LIMITS).generations == [claimed]
    assert claim(runner, LIMITS, frozenset()).generations == [claimed]
    assert claim(runner, LIMITS, frozenset([generation.pk])).generations == []


def test_a_claim_that_others_have_ended_is_not_asked_for(alice: User, runner: uuid.UUID) -> None:
    generation = prompted(alice)
    claim(runner, LIMITS)
    assert prompt_for(runner, generation.pk, "a-model").request.model == "a-model"
    end_generations(runner, [ending(generation, status=Status.INTERRUPTED)])
    with pytest.raises(LeaseLostError):
        prompt_for(runner, generation.pk, "a-model")


def test_what_is_cancelled_while_it_is_claimed_is_not_taken_on(
    alice: User, runner: uuid.UUID
) -> None:
    gone, left = prompted(alice), prompted(alice)

    def cancel_first(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE") and '"started_at"' in sql:
            Generation.objects.end_queued(gone.pk)
        return execute(sql, *rest)

    with connection.execute_wrapper(cancel_first):
        (claimed,) = claim(runner, LIMITS).generations
    assert claimed.id == left.pk


def test_many_end_in_one_transaction_and_each_has_its_text_and_revision(
    alice: User, runner: uuid.UUID
) -> None:
    generations = [prompted(alice) for _ in range(3)]
    claim(runner, LIMITS)
    told = end_generations(runner, [ending(g, f"Text {n}") for n, g in enumerate(generations)])
    assert [envelope.generation for envelope in told] == [g.pk for g in generations]
    texts = Message.objects.filter(role="assistant").order_by("created_at")
    assert list(texts.values_list("content", "revision")) == [(f"Text {n}", 2) for n in range(3)]
    assert set(Conversation.objects.values_list("revision", flat=True)) == {2}


def test_what_is_gone_keeps_no_other_from_its_end(alice: User, runner: uuid.UUID) -> None:
    gone, left = prompted(alice), prompted(alice)
    claim(runner, LIMITS)
    Conversation.objects.get(pk=gone.conversation_id).delete()
    told = end_generations(runner, [ending(gone), ending(left)])
    assert [envelope.generation for envelope in told] == [left.pk]


def test_a_runner_that_was_buried_writes_nothing(alice: User, runner: uuid.UUID) -> None:
    generation = prompted(alice)
    claim(runner, LIMITS)
    Runner.objects.retire(runner)
    with pytest.raises(LeaseLostError):
        store_deltas(runner, [(generation.pk, 1, "content", "Late")])
    with pytest.raises(LeaseLostError):
        end_generations(runner, [ending(generation, "Late")])
    assert not Delta.objects.exists()
    assert Generation.objects.get().status == Status.IN_PROGRESS


def test_odd_numbers_of_a_provider_cost_no_answer(alice: User, runner: uuid.UUID) -> None:
    generation = prompted(alice)
    claim(runner, LIMITS)
    odd = {"finish_reason": "x" * 500, "input_tokens": 2**40, "output_tokens": -1}
    end_generations(runner, [ending(generation, "Text", **odd)])
    stored = Generation.objects.get()
    assert (stored.status, len(stored.finish_reason)) == (Status.COMPLETED, 40)
    assert (stored.input_tokens, stored.output_tokens) == (None, None)


def test_params_that_are_no_longer_valid_cost_no_answer(alice: User, runner: uuid.UUID) -> None:
    generation = prompted(alice)
    claim(runner, LIMITS)
    Conversation.objects.update(params={"temperature": "hot"})
    assert len(end_generations(runner, [ending(generation, "Text")])) == 1


def test_the_reaper_ends_from_the_log_what_a_dead_runner_left(
    alice: User, runner: uuid.UUID
) -> None:
    generation, stopped = prompted(alice), prompted(alice)
    claim(runner, LIMITS)
    store_deltas(
        runner, [(generation.pk, 1, "content", "Once "), (generation.pk, 2, "content", "upon")]
    )
    Generation.objects.filter(pk=stopped.pk).update(cancel_requested_at=timezone.now())
    reaper = settled_reaper()
    Runner.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert reaper.reap() == []
    ended = {envelope.generation for envelope in reaper.reap()}
    assert ended == {generation.pk, stopped.pk}
    generation.refresh_from_db()
    stopped.refresh_from_db()
    assert (generation.status, generation.seq) == (Status.INTERRUPTED, 3)
    assert stopped.status == Status.CANCELLED
    assert Message.objects.get(pk=generation.message_id).content == "Once upon"


def test_a_runner_does_not_reap_itself(runner: uuid.UUID) -> None:
    reaper = settled_reaper(runner)
    Runner.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    reaper.reap()
    reaper.reap()
    assert Runner.objects.get().ended_at is None


def test_a_lease_that_is_renewed_between_two_looks_is_not_over(runner: uuid.UUID) -> None:
    reaper = settled_reaper()
    for _ in range(4):
        Runner.objects.update(lease_expires_at=timezone.now() - timedelta(milliseconds=1))
        reaper.reap()
    assert Runner.objects.get().ended_at is None


def test_a_lease_means_nothing_until_its_runner_could_renew_it(runner: uuid.UUID) -> None:
    """The database was away: leases have run out, and their runners are well."""
    clock = Clock()
    reaper = settled_reaper(clock=clock)
    clock.advance(30)
    Runner.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=20))
    for _ in range(3):
        reaper.reap()
        assert Runner.objects.get().ended_at is None
        clock.advance(2)
    reaper.reap()
    assert Runner.objects.get().ended_at is not None


def test_what_comes_later_has_a_later_time_whatever_the_clocks_say(
    alice: User, runner: uuid.UUID
) -> None:
    first = prompted(alice)
    claim(runner, LIMITS)
    ahead = timezone.now() + timedelta(hours=1)
    Conversation.objects.update(updated_at=ahead)
    Generation.objects.update(created_at=ahead)
    end_generations(runner, [ending(first, "Cut", finish_reason="length")])
    done = conversations.continue_answer(alice.pk, GenerationContinue(generation=first.pk))
    continuation = Generation.objects.get(pk=done.generation)
    assert continuation.created_at > ahead
    last = Generation.objects.last_of_messages([first.message_id])
    assert last == {first.message_id: continuation}


def test_a_message_holds_two_live_generations_never(alice: User) -> None:
    generation = prompted(alice)
    with pytest.raises(Exception, match=r"generation_one_live|UNIQUE"):
        Generation.objects.create(
            message_id=generation.message_id,
            conversation_id=generation.conversation_id,
            owner=alice,
            model="m",
        )


def test_answers_that_failed_are_to_be_reviewed_and_those_alone(
    alice: User, runner: uuid.UUID
) -> None:
    failed, completed = prompted(alice), prompted(alice)
    claim(runner, LIMITS)
    refused = {"status": Status.FAILED, "code": "provider_timeout"}
    end_generations(runner, [ending(failed, **refused), ending(completed, "Text")])
    review = Review.objects.get()
    assert (review.message_id, review.code) == (failed.message_id, "provider_timeout")


def test_an_end_is_stored_even_if_the_queue_of_reviews_refuses_it(
    alice: User, runner: uuid.UUID
) -> None:
    generation = prompted(alice)
    claim(runner, LIMITS)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER review_full BEFORE INSERT ON chat_review "
            "BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
    try:
        end_generations(runner, [ending(generation, status=Status.FAILED, code="internal")])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER review_full")
    generation.refresh_from_db()
    assert (generation.status, generation.code) == (Status.FAILED, "internal")
    assert not Review.objects.exists()
