"""Few rows are found by what they are, many by walking down the list until a page is full.

A database guesses which of the two it is, and for a word it has never counted, or for what is rare only lately, it
guesses wrong and walks through a million rows. So it is asked first.
"""

from __future__ import annotations

from django.db.models import QuerySet

from chat.admin.time_limit import TooSlowError, time_limit

# To walk until 50 of more than so many are found looks at no more than about 17,000 of a million.
FEW = 3_000
_SECONDS = 1.0


def by_key_if_few(rows: QuerySet) -> QuerySet:
    """Give the same rows, named by their keys if they are few."""
    try:
        with time_limit(_SECONDS):
            keys = list(rows.order_by().values_list("pk", flat=True)[: FEW + 1])
    except TooSlowError:
        return rows
    if len(keys) > FEW:
        return rows
    few: QuerySet = rows.model._default_manager.filter(pk__in=keys)
    return few
