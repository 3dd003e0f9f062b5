"""Percentiles, exact and the same on both databases: between two neighbours in rank the share of the way is taken.

That is PostgreSQL's `percentile_cont` (and the default of spreadsheets and NumPy). SQLite has none: it hands over the
values, and they are ranked here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from django.db.models import Aggregate, FloatField
from django.db.models.sql.compiler import SQLCompiler

# Half of all are at most the first; one in twenty is above the second.
FRACTIONS = (0.5, 0.95)


def percentile(ranked: Sequence[float], fraction: float) -> float:
    """Give the value below which `fraction` of `ranked` lies, which is sorted and not empty."""
    place = fraction * (len(ranked) - 1)
    below, above = ranked[math.floor(place)], ranked[math.ceil(place)]
    return below + (place - math.floor(place)) * (above - below)


class Percentiles(Aggregate):
    """The values of a column at `FRACTIONS`, as a list; None where the column is NULL throughout."""

    # Called like the others, by one expression; each database writes it its own way.
    template = "PERCENTILE_CONT(%(fractions)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    allow_distinct = False
    output_field = FloatField()

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: Any, **extra: Any
    ) -> tuple[str, Any]:
        fractions = f"ARRAY[{', '.join(map(str, FRACTIONS))}]::double precision[]"
        return super().as_sql(compiler, connection, fractions=fractions, **extra)

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **extra: Any) -> tuple[str, Any]:
        return super().as_sql(
            compiler, connection, template="JSON_GROUP_ARRAY(%(expressions)s)", **extra
        )

    def convert_value(self, value: Any, expression: Any, connection: Any) -> list[float] | None:
        if not isinstance(value, str):
            found: list[float] | None = value  # PostgreSQL's own
            return found
        ranked = sorted(known for known in json.loads(value) if known is not None)
        return [percentile(ranked, fraction) for fraction in FRACTIONS] if ranked else None
