"""SQLite's guard of the access log: it refuses to change or delete an entry.

PostgreSQL's is made by migration 0009. Django alters a table of SQLite by making it anew, which loses its triggers: so
they come back after each `migrate`.
"""

from __future__ import annotations

from typing import Any

from django.db import connections

_TRIGGERS = [
    f"""
CREATE TRIGGER IF NOT EXISTS access_no_{change} BEFORE {change} ON chat_access
BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END"""
    for change in ("update", "delete")
]


def create_after_migrate(using: str, **_: Any) -> None:
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        if "chat_access" in connection.introspection.table_names(cursor):
            for statement in _TRIGGERS:
                cursor.execute(statement)
