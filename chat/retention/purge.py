"""What is past its time, or of nobody any more, goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from chat.models import Conversation, Generation, Runner, Share
from chat.models.conversation import KEEP_DELETED, ConversationQuerySet
from chat.retention.erase import Rows, erase_conversations, erase_rows, rows_of
from chat.retention.logs import erase_old_entries, old_entries, old_exports
from chat.sessions import expired_sessions

# Operators look at who wrote what; after that only those stay that an answer names.
KEEP_RUNNERS = timedelta(days=30)


def purge(at_once: int) -> Iterator[Rows]:
    """Remove what `to_purge` counts, a transaction at a time; yield after each what it removed, by model.

    May be given up after any of them, and run by several at once: each row goes once.
    """
    yield from erase_conversations(past_keeping(), at_once)
    for rows in _of_nobody():
        yield from erase_rows(rows, at_once)
    yield from erase_old_entries(at_once)


def to_purge() -> Rows:
    """Count what `purge` would remove now, by model; what is being answered as well."""
    doomed = past_keeping()
    counts = rows_of(doomed)
    for rows in (*_of_nobody(), old_entries()):
        counts.update({rows.model._meta.label: rows.count()})
    # A revoked link of a conversation that goes was counted with it.
    both = _revoked().filter(conversation__in=doomed).count()
    counts.subtract({Share._meta.label: both})
    return Counter({label: count for label, count in counts.items() if count})


def past_keeping() -> ConversationQuerySet:
    """Those deleted too long ago to be restored and, with `RETENTION_DAYS`, those not talked in for so long."""
    return Conversation.objects.past_keeping(KEEP_DELETED, settings.RETENTION_DAYS)


def _of_nobody() -> list[QuerySet]:
    return [expired_sessions(), _revoked(), _runners_without_answers(), old_exports()]


def _revoked() -> QuerySet[Share]:
    return Share.objects.filter(revoked_at__isnull=False)


def _runners_without_answers() -> QuerySet[Runner]:
    answers = Generation.objects.filter(runner=OuterRef("pk"))
    return Runner.objects.filter(~Exists(answers), ended_at__lt=Now() - KEEP_RUNNERS)
