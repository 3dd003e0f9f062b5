"""Several queries that see the database at one moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def consistent_read() -> Iterator[None]:
    """Read without locking anyone out.

    `atomic` would queue behind SQLite's writers (IMMEDIATE), and on PostgreSQL would show each query
    another moment (READ COMMITTED).
    """
    if connection.in_atomic_block:
        yield
        return
    _execute(
        "BEGIN"
        if connection.vendor == "sqlite"
        else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    )
    try:
        yield
    finally:
        _execute("ROLLBACK")


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
