"""The queue of answers to review: what brings one in, and what staff do with it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat import reviews
from chat.conversations.rate import rate
from chat.models import (
    Act,
    AppendOnlyError,
    Cause,
    Conversation,
    Generation,
    Message,
    Outcome,
    Review,
    ReviewNote,
    Role,
    Status,
    User,
)
from chat.protocol import MessageRate, RatingValue
from chat.reviews import Refusal, RefusedError
from tests.admin.staff import conversation_of, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob() -> User:
    return reviewer("bob")


@pytest.fixture
def charlie() -> User:
    return reviewer("charlie")


@pytest.fixture
def answer(conversation: Conversation) -> Message:
    return answer_of(conversation)


@pytest.fixture
def review(answer: Message, bob: User) -> Review:
    """Give a flagged answer's review that nobody has touched since."""
    return Review.objects.create(message=answer, conversation=answer.conversation, flagged=True)


def reviewer(name: str) -> User:
    user = staff(name, "conversation", "message", "generation", "review")
    user.user_permissions.add(Permission.objects.get(codename="change_review"))
    return user


def answer_of(conversation: Conversation) -> Message:
    return Message.objects.get(conversation=conversation, role=Role.ASSISTANT)


def rated(answer: Message, value: RatingValue | None, **why: Any) -> Review:
    rate(answer.conversation.owner_id, MessageRate(message=answer.pk, rating=value, **why))
    return Review.objects.get(message=answer)


def failed(answer: Message, code: str = "provider_timeout") -> Generation:
    generation = Generation.objects.filter(message=answer).latest("created_at")
    generation.status, generation.code, generation.model = Status.FAILED, code, "a/model"
    return generation


def fail(*generations: Generation) -> None:
    ids = [generation.conversation_id for generation in generations]
    reviews.note_failures(generations, Conversation.objects.locked_all(ids))


def acts(review: Review) -> list[tuple[str, str, str, str]]:
    return list(review.notes.values_list("author_name", "act", "what", "text"))


def refusal_of(work: Any, *arguments: Any) -> tuple[Refusal, str]:
    with pytest.raises(RefusedError) as refused:
        work(*arguments)
    return refused.value.refusal, refused.value.holder


# -- What brings one in ----------------------------------------------------------------------------


def test_an_answer_rated_down_is_in_the_queue_with_its_reason_and_model(answer: Message) -> None:
    Generation.objects.filter(message=answer).update(model="a/model")
    found = rated(answer, "down", reason="incorrect")

    assert (found.causes, found.is_open) == ([Cause.RATED_DOWN], True)
    assert (found.rating_reason, found.model) == ("incorrect", "a/model")
    assert found.conversation_id == answer.conversation_id


def test_a_reason_that_comes_later_is_known_too(answer: Message) -> None:
    since = rated(answer, "down").since
    found = rated(answer, "down", reason="style")

    assert (found.rating_reason, found.since) == ("style", since)


def test_an_answer_rated_up_is_in_no_queue(answer: Message) -> None:
    with pytest.raises(Review.DoesNotExist):
        rated(answer, "up")


@pytest.mark.parametrize("instead", [None, "up"])
def test_a_rating_taken_back_closes_what_nobody_has_touched(
    answer: Message, instead: str | None
) -> None:
    rated(answer, "down", reason="style")
    found = rated(answer, instead)

    assert (found.outcome, found.causes, found.rating_reason) == (Outcome.WITHDRAWN, [], "")
    assert rated(answer, "down").is_open


@pytest.mark.parametrize("touch", ["fail", "flag", "take", "note"])
def test_a_rating_taken_back_leaves_open_what_somebody_touched_or_is_there_for_more(
    answer: Message, bob: User, touch: str
) -> None:
    found = rated(answer, "down")
    if touch == "fail":
        fail(failed(answer))
    elif touch == "flag":
        reviews.flag(answer.pk, bob, "odd")
    elif touch == "take":
        Review.objects.assign(found.pk, None, bob)
    else:
        reviews.note(found.pk, bob, "hm")
    found = rated(answer, None)

    assert found.is_open
    assert Cause.RATED_DOWN not in found.causes


def test_what_is_resolved_is_open_again_when_rated_down_again(answer: Message, bob: User) -> None:
    first = rated(answer, "down")
    reviews.resolve(first.pk, bob, Outcome.FINE)
    assert not rated(answer, "down", reason="style").is_open, "only its reason came"
    rated(answer, None)
    again = rated(answer, "down")

    assert again.pk == first.pk
    assert (again.is_open, again.outcome, again.resolved_by_name) == (True, "", "")
    assert again.since > first.since


def test_failed_answers_are_in_the_queue_with_code_and_model(alice: User, answer: Message) -> None:
    other = answer_of(conversation_of(alice))
    rated(other, "down")
    fail(failed(answer), failed(other, "internal"))
    found = {each.message_id: each for each in Review.objects.all()}

    assert found[answer.pk].causes == [Cause.FAILED]
    assert found[other.pk].causes == [Cause.RATED_DOWN, Cause.FAILED]
    assert [found[each.pk].code for each in (answer, other)] == ["provider_timeout", "internal"]
    assert {each.model for each in found.values()} == {"a/model"}


def test_what_is_resolved_is_open_again_when_it_fails_again(answer: Message, bob: User) -> None:
    fail(failed(answer))
    found = Review.objects.get()
    reviews.take(found.pk, bob)
    reviews.resolve(found.pk, bob, Outcome.FIXED)
    fail(failed(answer, "internal"))
    found.refresh_from_db()

    assert (found.is_open, found.code, found.assigned_name) == (True, "internal", "bob")


def test_ends_without_a_failure_cost_no_statement(answer: Message) -> None:
    ended = [Generation.objects.get(message=answer)]
    for status in (Status.COMPLETED, Status.CANCELLED, Status.INTERRUPTED):
        ended[0].status = status
        with CaptureQueriesContext(connection) as captured:
            reviews.note_failures(ended, {})
        assert captured.captured_queries == []


# -- What staff do ---------------------------------------------------------------------------------


def test_of_two_who_take_one_the_first_has_it_and_the_other_is_told(
    review: Review, bob: User, charlie: User
) -> None:
    reviews.take(review.pk, bob)
    reviews.take(review.pk, bob)

    assert refusal_of(reviews.take, review.pk, charlie) == (Refusal.TAKEN, "bob")
    assert refusal_of(reviews.give_back, review.pk, charlie) == (Refusal.NOT_YOURS, "bob")
    assert refusal_of(reviews.resolve, review.pk, charlie, Outcome.FINE) == (Refusal.TAKEN, "bob")
    assert acts(review) == [("bob", Act.TAKE, "", "")]


def test_one_is_handed_on_only_from_whom_it_was_seen_with(
    review: Review, bob: User, charlie: User
) -> None:
    reviews.hand(review.pk, bob, None, charlie.pk, "you know tides")
    handed = (review.pk, bob, None, bob.pk)
    assert refusal_of(reviews.hand, *handed) == (Refusal.TAKEN, "charlie")
    reviews.hand(review.pk, bob, charlie.pk, bob.pk)
    reviews.give_back(review.pk, bob)
    review.refresh_from_db()

    assert (review.assigned_to, review.assigned_name) == (None, "")
    assert acts(review) == [
        ("bob", Act.HAND, "charlie", "you know tides"),
        ("bob", Act.HAND, "bob", ""),
        ("bob", Act.GIVE_BACK, "", ""),
    ]


def test_one_is_handed_only_to_who_may_review(review: Review, bob: User, alice: User) -> None:
    gone = reviewer("gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)

    for nobody in (alice.pk, staff("dora", "review").pk, gone.pk, 0):
        handed = (review.pk, bob, None, nobody)
        assert refusal_of(reviews.hand, *handed) == (Refusal.NO_REVIEWER, "")


def test_what_is_resolved_says_by_whom_and_may_be_opened_again(
    review: Review, bob: User, charlie: User
) -> None:
    reviews.resolve(review.pk, bob, Outcome.ABUSE, "reported")
    resolved = (Refusal.RESOLVED, "bob")
    assert refusal_of(reviews.take, review.pk, charlie) == resolved
    assert refusal_of(reviews.resolve, review.pk, charlie, Outcome.FINE) == resolved
    reviews.note(review.pk, charlie, "agreed")
    reviews.reopen(review.pk, charlie)
    assert refusal_of(reviews.reopen, review.pk, bob) == (Refusal.NOT_RESOLVED, "")
    review.refresh_from_db()

    assert (review.is_open, review.outcome, review.resolved_by) == (True, "", None)
    assert acts(review)[0] == ("bob", Act.RESOLVE, "abuse", "reported")


def test_an_answer_is_flagged_with_a_reason_and_nothing_else_is(answer: Message, bob: User) -> None:
    assert answer.parent_id
    assert refusal_of(reviews.flag, answer.pk, bob, " \x00 ") == (Refusal.NO_WORDS, "")
    for nothing in (answer.parent_id, uuid.uuid4()):
        assert refusal_of(reviews.flag, nothing, bob, "odd") == (Refusal.NO_ANSWER, "")
    assert not Review.objects.exists()
    reviews.flag(answer.pk, bob, " odd ")

    assert Review.objects.get().causes == [Cause.FLAGGED]
    assert acts(Review.objects.get()) == [("bob", Act.FLAG, "", "odd")]


def test_a_note_needs_words_and_a_review(review: Review, bob: User) -> None:
    assert refusal_of(reviews.note, review.pk, bob, "  ") == (Refusal.NO_WORDS, "")
    assert refusal_of(reviews.note, review.pk + 1, bob, "hm") == (Refusal.GONE, "")


def test_a_note_stays_as_it_is(review: Review, bob: User) -> None:
    reviews.note(review.pk, bob, "hm")
    note = ReviewNote.objects.get()
    for change in (
        note.save,
        note.delete,
        ReviewNote.objects.all().delete,
        lambda: ReviewNote.objects.update(text="oh"),
    ):
        with pytest.raises(AppendOnlyError):
            change()
    review.conversation.delete()

    assert not ReviewNote.objects.exists()
    assert not Review.objects.exists()


def test_what_staff_did_stays_when_their_account_is_gone(review: Review, bob: User) -> None:
    reviews.take(review.pk, bob)
    reviews.resolve(review.pk, bob, Outcome.OTHER)
    bob.delete()
    review.refresh_from_db()

    assert (review.assigned_name, review.resolved_by_name) == ("bob", "bob")
    assert [act[0] for act in acts(review)] == ["bob", "bob"]


def test_a_review_is_resolved_with_an_outcome_or_not_at_all(review: Review) -> None:
    for half in ({"outcome": "fine"}, {"resolved_at": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.filter(pk=review.pk).update(**half)
