"""No list of the admin keeps the database busy for long: one processor, by indexes, and not for more than some seconds."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

_POSTGRESQL_QUERY_CANCELED = "57014"
# A list is not worth the other processors. Pages of an index are in memory, or on a disk that has no arm to move.
_PLANNING = {"max_parallel_workers_per_gather": "0", "random_page_cost": "1.1"}
# SQLite looks at the clock once in so many of its steps, about a millisecond.
_STEPS = 10_000


class TooSlowError(Exception):
    """The database was not done in time, and was stopped."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Let each statement within take no longer than `seconds`; raises `TooSlowError` when one does.

    Statements only read: on PostgreSQL they are in a transaction that such an error rolls back.
    """
    limited = _postgresql if connection.vendor == "postgresql" else _sqlite
    try:
        with limited(seconds):
            yield
    except OperationalError as error:
        if _was_stopped(error.__cause__):
            raise TooSlowError from error
        raise


@contextmanager
def _postgresql(seconds: float) -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            settings = {"statement_timeout": f"{seconds}s", **_PLANNING}
            set_all = ", ".join("set_config(%s, %s, true)" for _ in settings)
            cursor.execute(
                f"SELECT {set_all}", [part for pair in settings.items() for part in pair]
            )
        yield


@contextmanager
def _sqlite(seconds: float) -> Iterator[None]:
    connection.ensure_connection()
    database: sqlite3.Connection = connection.connection
    end = time.monotonic() + seconds
    database.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        yield
    finally:
        database.set_progress_handler(None, 0)


def _was_stopped(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.OperationalError):
        return cause.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT
    return getattr(cause, "sqlstate", None) == _POSTGRESQL_QUERY_CANCELED
