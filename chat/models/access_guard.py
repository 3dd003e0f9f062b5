"""The guard of the access log: the database refuses to change or delete an entry.

PostgreSQL's is made by migration 0009. Django alters a table of SQLite by making it anew, which loses its triggers: so
they come back after each `migrate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections

_TRIGGERS = {
    change: f"""
CREATE TRIGGER IF NOT EXISTS access_no_{change} BEFORE {change} ON chat_access
BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END"""
    for change in ("update", "delete")
}
# How each database lifts its guard, and sets it again.
_LIFT = {
    "sqlite": ("DROP TRIGGER access_no_delete", _TRIGGERS["delete"]),
    "postgresql": (
        "ALTER TABLE chat_access DISABLE TRIGGER access_no_change",
        "ALTER TABLE chat_access ENABLE TRIGGER access_no_change",
    ),
}


def create_after_migrate(using: str, **_: Any) -> None:
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        if "chat_access" in connection.introspection.table_names(cursor):
            for statement in _TRIGGERS.values():
                cursor.execute(statement)


@contextmanager
def lifted() -> Iterator[None]:
    """Let the transaction under way delete entries, and nobody else: whatever becomes of it, the guard is there after it.

    The guard is down inside that transaction alone, and who would write to the log waits for it. It takes the role
    that owns the table, on PostgreSQL. Raises the database's `ProgrammingError` for any other.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the guard of the access log is lifted in a transaction only")
    lift, set_again = _LIFT[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(lift)
    yield
    with connection.cursor() as cursor:
        cursor.execute(set_again)
