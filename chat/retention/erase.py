"""Rows removed for good, a few hundred in each transaction, while the chat goes on and others do the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import takewhile
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Model, QuerySet

from chat.conversations.cancel import stop
from chat.models import (
    Conversation,
    Delta,
    Generation,
    Message,
    Rating,
    Review,
    ReviewNote,
    SearchEntry,
    Share,
)
from chat.models.conversation import ConversationQuerySet

# What goes with a conversation, and how each of these tables leads to it.
_PATHS: dict[type[Model], str] = {
    Message: "conversation",
    Generation: "conversation",
    Delta: "generation__conversation",
    Share: "conversation",
    Rating: "message__conversation",
    Review: "conversation",
    ReviewNote: "review__conversation",
    SearchEntry: "conversation",
}

Rows = Counter[str]


def erase_conversations(doomed: ConversationQuerySet, at_once: int) -> Iterator[Rows]:
    """Remove conversations with all that is in them; yield after each transaction what it removed, by model.

    A transaction takes conversations of `at_once` messages together, and one at least. Passed over, for another
    run, is what others hold a lock on (PostgreSQL) and what is being answered; in a deleted conversation that answer
    is cancelled, any other is being talked in.
    """
    last: UUID | None = None
    while True:
        # By the key, so that what is passed over is not met again and the whole ends.
        ahead = doomed if last is None else doomed.filter(pk__gt=last)
        with transaction.atomic():
            chosen = _few(ahead.order_by("pk").locked_free(at_once), at_once)
            if not chosen:
                return
            removed = _erase(chosen)
        last = chosen[-1].pk
        yield removed


def rows_of(doomed: ConversationQuerySet) -> Rows:
    """Count what these conversations would take with them, by model."""
    counts = Counter({Conversation._meta.label: doomed.count()})
    for model, path in _PATHS.items():
        rows = model._default_manager.filter(**{f"{path}__in": doomed})
        counts[model._meta.label] = rows.count()
    return counts


def erase_rows(doomed: QuerySet, at_once: int) -> Iterator[Rows]:
    """Remove rows that nothing of worth leads to; yield after each transaction what it removed, by model."""
    while True:
        with transaction.atomic():
            free = doomed.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
            keys = list(free.values_list("pk", flat=True)[:at_once])
            if not keys:
                return
            _, removed = doomed.model._default_manager.filter(pk__in=keys).delete()
        yield Counter(removed)


def _few(conversations: list[Conversation], at_once: int) -> list[Conversation]:
    """Take from the front what has about `at_once` messages together, and one at least."""
    found = Message.objects.filter(conversation__in=conversations).order_by()
    counted = found.values_list("conversation").annotate(Count("pk"))
    messages = dict(counted)
    total = 0

    def fits(conversation: Conversation) -> bool:
        nonlocal total
        was_empty, total = total == 0, total + 1 + messages.get(conversation.pk, 0)
        return was_empty or total <= at_once

    return list(takewhile(fits, conversations))


def _erase(locked: list[Conversation]) -> Rows:
    live = Generation.objects.live().filter(conversation__in=locked)
    answered = set(live.values_list("conversation", flat=True))
    for conversation in locked:
        if conversation.pk in answered and conversation.is_deleted:
            stop(conversation, Generation.objects.filter(conversation=conversation))
    free = [conversation.pk for conversation in locked if conversation.pk not in answered]
    _, removed = Conversation.objects.filter(pk__in=free).delete()
    return Counter(removed)
