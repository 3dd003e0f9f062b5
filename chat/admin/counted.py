"""How many rows a list has found, if that is to be known soon."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from chat.admin.time_limit import TooSlowError, time_limit

MOST_COUNTED = 100_000
COUNT_SECONDS = 2.0


def counted(rows: QuerySet) -> int | None:
    """Count rows, up to `MOST_COUNTED` and one more; none if that takes long."""
    try:
        with time_limit(COUNT_SECONDS):
            number: int = rows.order_by()[: MOST_COUNTED + 1].count()
    except TooSlowError:
        return None
    return number


def in_words(rows: int | None) -> str:
    """Say how many rows were counted."""
    if rows is None:
        return _("too many to be counted soon")
    if rows > MOST_COUNTED:
        return _("more than %(rows)s") % {"rows": number(MOST_COUNTED)}
    return number(rows)


def number(value: int) -> str:
    return number_format(value, force_grouping=True)
