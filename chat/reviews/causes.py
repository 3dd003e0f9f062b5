"""What brings an answer into the queue, in the transaction that stores the cause.

Whoever calls holds the lock of the conversation's row: so an answer has one review, whatever happens at once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from chat.models import Cause, Conversation, Generation, Message, Rating, Review, Status

log = logging.getLogger(__name__)


def note_rating(message: Message, before: str, rating: Rating) -> None:
    """Queue an answer that is rated down now and was not, and let go of one that is not any more.

    Its reason may come later, or change: that alone opens nothing again.
    """
    is_down, was_down = (value == Rating.Value.DOWN for value in (rating.value, before))
    if is_down and was_down:
        Review.objects.filter(message=message).update(rating_reason=rating.reason)
    elif is_down:
        now = rating.updated_at
        queue(message, Cause.RATED_DOWN, now, rating_reason=rating.reason)
    elif was_down:
        Review.objects.withdraw(message.pk)


def queue(message: Message, cause: Cause, now: datetime, **facts: str) -> None:
    """Have staff look at an answer, again if they did before. `now`: of the locked conversation."""
    if Review.objects.queue_again(message.pk, cause, now, **facts):
        return
    newest = Generation.objects.filter(message=message).order_by("-created_at")
    model = newest.values_list("model", flat=True).first() or ""
    facts = {"model": model, **facts}
    place = {"message": message, "conversation_id": message.conversation_id, "since": now}
    Review.objects.create(**place, **{cause.value: True}, **facts)


def note_failures(ended: Iterable[Generation], locked: Mapping[UUID, Conversation]) -> None:
    """Queue the answers of those that failed; without any it asks the database nothing.

    `locked`: their conversations. An end is worth more than its place in a queue: what is refused here is logged,
    and the end is stored.
    """
    failed = [generation for generation in ended if generation.status == Status.FAILED]
    if not failed:
        return
    try:
        with transaction.atomic():
            _queue_failed(failed, locked)
    except Exception:
        # A connection that is gone, or a transaction that is broken, fails for the end as well.
        if connection.needs_rollback or connection.closed_in_transaction:
            raise
        log.exception("%d failed answers are not in the queue of reviews", len(failed))


def _queue_failed(failed: list[Generation], locked: Mapping[UUID, Conversation]) -> None:
    known = Review.objects.filter(message__in=[each.message_id for each in failed])
    again = set(known.values_list("message", flat=True))
    Review.objects.bulk_create(
        Review(
            message_id=each.message_id,
            conversation_id=each.conversation_id,
            since=locked[each.conversation_id].now,
            failed=True,
            model=each.model,
            code=each.code,
        )
        for each in failed
        if each.message_id not in again
    )
    for each in failed:
        if each.message_id in again:
            facts = {"model": each.model, "code": each.code}
            now = locked[each.conversation_id].now
            Review.objects.queue_again(each.message_id, Cause.FAILED, now, **facts)
