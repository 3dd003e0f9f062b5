from __future__ import annotations

import uuid
from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from chat.deltas import Kind
from chat.models.keys import as_param

# Short codes: the log is the busiest table, and its rows live ten minutes.
KIND_CODES: dict[Kind, str] = {"content": "c", "reasoning": "r"}
KINDS = {code: kind for kind, code in KIND_CODES.items()}

_ROW_SQL = "(%s, %s, %s, %s)"
_APPEND_SQL = """
INSERT INTO chat_delta (generation_id, seq, kind, text) VALUES {rows}
ON CONFLICT (generation_id, seq) DO NOTHING
"""


class DeltaQuerySet(models.QuerySet["Delta"]):
    def append(self, rows: Iterable[tuple[uuid.UUID, int, Kind, str]]) -> None:
        """Write `(generation, seq, kind, text)` rows; those that stand already are left as they are.

        Raw SQL, because this runs 20 times a second for every live answer. One statement on PostgreSQL: psycopg makes
        a pipeline of many, and a server that is cut off in the middle of one waits for its rest without end, with
        our locks (`idle_in_transaction_session_timeout` begins where a statement is complete).
        """
        prepared: list[tuple[Any, ...]] = [
            (as_param(g), seq, KIND_CODES[kind], text) for g, seq, kind, text in rows
        ]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                many = ", ".join([_ROW_SQL] * len(prepared))
                cursor.execute(_APPEND_SQL.format(rows=many), list(chain.from_iterable(prepared)))
            else:
                cursor.executemany(_APPEND_SQL.format(rows=_ROW_SQL), prepared)

    def text_of(self, generation_id: uuid.UUID) -> tuple[int, str, str]:
        """Return `(last seq, content, reasoning)` of one generation's log; seq 0 when it is empty."""
        rows = list(
            self.filter(generation=generation_id).order_by("seq").values_list("seq", "kind", "text")
        )
        content = "".join(text for _, kind, text in rows if kind == "c")
        reasoning = "".join(text for _, kind, text in rows if kind == "r")
        return (rows[-1][0] if rows else 0), content, reasoning


class Delta(models.Model):
    """One piece of text of a live generation, stored before anybody is shown it."""

    pk = models.CompositePrimaryKey("generation_id", "seq")
    generation = models.ForeignKey(
        "chat.Generation", on_delete=models.CASCADE, related_name="deltas", db_index=False
    )
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=1)
    text = models.TextField()

    objects = DeltaQuerySet.as_manager()

    class Meta:
        verbose_name = _("delta")
        verbose_name_plural = _("deltas")

    def __str__(self) -> str:
        return f"{self.seq}: {self.text[:40]}"
