"""What is kept of what staff did: entries of the access log, and rows about exports; for ever, if no policy ends it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from chat.models import Access, Accessed, Export
from chat.models.access_guard import lifted
from chat.retention.erase import Rows

# Who is named as the reader of the entry that says what was removed; nobody's number.
PURGE_NAME = "manage.py purge"
NOBODY = 0


def old_entries() -> QuerySet[Access]:
    """Find entries over `ACCESS_RETENTION_DAYS` old."""
    days = settings.ACCESS_RETENTION_DAYS
    return (
        Access.objects.filter(at__lt=Now() - timedelta(days=days))
        if days
        else Access.objects.none()
    )


def old_exports() -> QuerySet[Export]:
    """Find exports that have not moved for `EXPORT_RETENTION_DAYS`."""
    days = settings.EXPORT_RETENTION_DAYS
    if not days:
        return Export.objects.none()
    moved = Export.objects.annotate(last=Coalesce(F("moved_at"), F("created_at")))
    return moved.filter(last__lt=Now() - timedelta(days=days))


def erase_old_entries(at_once: int) -> Iterator[Rows]:
    """Remove the old entries, the oldest first; yield after each transaction how many.

    The first transaction also writes an entry that says up to when: who reads the log sees that it was cut.
    """
    is_noted = False
    while old_entries().exists():
        with transaction.atomic(), lifted():
            keys = list(old_entries().order_by("at").values_list("pk", flat=True)[:at_once])
            if keys and not is_noted:
                _note()
                is_noted = True
            removed = Access.objects.filter(pk__in=keys).forget()
        yield Counter({Access._meta.label: removed})


def _note() -> None:
    until = timezone.now() - timedelta(days=settings.ACCESS_RETENTION_DAYS)
    said = f"< {until:%Y-%m-%d %H:%M} UTC"
    Access.objects.create(reader=NOBODY, reader_name=PURGE_NAME, what=Accessed.PURGE, query=said)
