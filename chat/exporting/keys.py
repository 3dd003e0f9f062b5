"""The keys of what is taken out, a page at a time: each page begins where the last one ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

# Read at once: a list whose filters no index serves is looked through once for so many.
KEYS_AT_ONCE = 2000


def pages_of_keys(
    found: QuerySet, order: tuple[str, ...], at_once: int = KEYS_AT_ONCE
) -> Iterator[list[Any]]:
    """Give the primary keys of all rows in `order`, which ends in the key and no change of a row changes."""
    rows = found.order_by(*order)
    place: tuple[Any, ...] | None = None
    while True:
        ahead = rows if place is None else rows.filter(_after(order, place))
        page = list(ahead.values_list(*order)[:at_once])
        if page:
            yield [row[-1] for row in page]
        if len(page) < at_once:
            return
        place = page[-1]


def _after(order: tuple[str, ...], place: tuple[Any, ...]) -> Any:
    # As one comparison of rows, which an index can seek.
    fields: Any = Tuple(*(F(name) for name in order))
    return TupleGreaterThan(fields, place)
