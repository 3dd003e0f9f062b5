"""What staff do with an answer that is to be reviewed; each act leaves a note of who did it.

Each is one transaction under the lock of its conversation, which a deletion takes too: a note is stored, or there is
nothing any more to note. Raises `RefusedError`; then nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from chat.models import Act, Cause, Conversation, Message, Outcome, Review, ReviewNote, Role, User
from chat.models.review import NOTE_MAX_CHARS
from chat.reviews.causes import queue


class Refusal(StrEnum):
    """Why an act is refused."""

    GONE = "gone"
    TAKEN = "taken"
    NOT_YOURS = "not_yours"
    RESOLVED = "resolved"
    NOT_RESOLVED = "not_resolved"
    NO_REVIEWER = "no_reviewer"
    NO_WORDS = "no_words"
    NO_OUTCOME = "no_outcome"
    NO_ANSWER = "no_answer"


class RefusedError(Exception):
    """An act that cannot be: another was first. `holder`: who has the review, or has resolved it."""

    def __init__(self, refusal: Refusal, holder: str = "") -> None:
        super().__init__(refusal, holder)
        self.refusal = refusal
        self.holder = holder


def reviewers() -> QuerySet[User]:
    """Those a review can be handed to, by name."""
    may = User.objects.with_perm("chat.change_review")
    return may.filter(is_staff=True, is_active=True).order_by("username")


def note(review_id: int, by: User, text: str) -> None:
    """Add a note; to what is resolved as well."""
    if not _clean(text):
        raise RefusedError(Refusal.NO_WORDS)
    with _locked(review_id) as review:
        _note(review, by, Act.NOTE, text)


def take(review_id: int, by: User, text: str = "") -> None:
    """Take what nobody has. Who has it already keeps it."""
    with _locked(review_id) as review:
        if review.assigned_to == by.pk and review.is_open and not _clean(text):
            return
        _unless(Review.objects.assign(review_id, None, by), review_id)
        _note(review, by, Act.TAKE, text)


def give_back(review_id: int, by: User, text: str = "") -> None:
    with _locked(review_id) as review:
        if review.is_open and review.assigned_to != by.pk:
            raise RefusedError(Refusal.NOT_YOURS, review.assigned_name)
        _unless(Review.objects.assign(review_id, by.pk, None), review_id)
        _note(review, by, Act.GIVE_BACK, text)


def hand(review_id: int, by: User, before: int | None, to: int, text: str = "") -> None:
    """Give it to a colleague, or to oneself, from whomever it was with when that was decided (`before`)."""
    colleague = reviewers().filter(pk=to).first()
    if colleague is None:
        raise RefusedError(Refusal.NO_REVIEWER)
    with _locked(review_id) as review:
        _unless(Review.objects.assign(review_id, before, colleague), review_id)
        _note(review, by, Act.HAND, text, colleague.get_username())


def resolve(review_id: int, by: User, outcome: Outcome, text: str = "") -> None:
    """Resolve what nobody or oneself has."""
    with _locked(review_id) as review:
        _unless(Review.objects.resolve(review_id, outcome, by), review_id)
        _note(review, by, Act.RESOLVE, text, outcome.value)


def reopen(review_id: int, by: User, text: str = "") -> None:
    with _locked(review_id) as review:
        if not Review.objects.reopen(review_id, review.conversation.now):
            raise RefusedError(Refusal.NOT_RESOLVED)
        _note(review, by, Act.REOPEN, text)


def flag(message_id: UUID, by: User, reason: str) -> int:
    """Put an answer into the queue and say why; return the review's id."""
    if not _clean(reason):
        raise RefusedError(Refusal.NO_WORDS)
    message = Message.objects.filter(pk=message_id, role=Role.ASSISTANT).first()
    if message is None:
        raise RefusedError(Refusal.NO_ANSWER)
    with transaction.atomic():
        queue(message, Cause.FLAGGED, _lock(message.conversation_id).now)
        review = Review.objects.get(message=message)
        _note(review, by, Act.FLAG, reason)
    return review.pk


@contextmanager
def _locked(review_id: int) -> Iterator[Review]:
    """Give the review as it is under the lock of its conversation, which it has with it."""
    with transaction.atomic():
        found = Review.objects.filter(pk=review_id)
        conversation = found.values_list("conversation", flat=True).first()
        if conversation is None:
            raise RefusedError(Refusal.GONE)
        locked = _lock(conversation)
        review = found.get()
        review.conversation = locked
        yield review


def _lock(conversation: UUID) -> Conversation:
    try:
        return Conversation.objects.locked(conversation)
    except Conversation.DoesNotExist as error:
        raise RefusedError(Refusal.GONE) from error


def _unless(done: bool, review_id: int) -> None:
    """Say who was first, if it was not done."""
    if done:
        return
    now = Review.objects.get(pk=review_id)
    if now.is_open:
        raise RefusedError(Refusal.TAKEN, now.assigned_name)
    raise RefusedError(Refusal.RESOLVED, now.resolved_by_name)


def _note(review: Review, by: User, act: Act, text: str, what: str = "") -> None:
    ReviewNote.objects.create(
        review=review,
        author=by.pk,
        author_name=by.get_username(),
        act=act,
        what=what,
        text=_clean(text),
    )


def _clean(text: str) -> str:
    return text.replace("\x00", "").strip()[:NOTE_MAX_CHARS]
