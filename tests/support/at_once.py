"""Work that meets in one database: each over a connection of its own, in an order that locks decide."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import environ
from django.db import connections, transaction
from django.db.utils import load_backend

from tests.support.waiting import wait_until

T = TypeVar("T")

# Of the connections to this database: how many wait for what another has locked.
_WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


class OwnConnection:
    """Does units of work in a thread of its own, one after the other, over one connection to the database of a URL.

    The work finds that connection as the default one, as it does in production.
    """

    def __init__(self, url: str) -> None:
        config = dict(environ.Env.db_url_config(url))
        self.is_sqlite = str(config["ENGINE"]).endswith("sqlite3")
        if self.is_sqlite:
            config["OPTIONS"] = {"timeout": 20, "transaction_mode": "IMMEDIATE"}
        self._settings = connections.configure_settings({"default": config})["default"]
        self._thread = ThreadPoolExecutor(1)
        self.do(self._connect)

    def begin(self, work: Callable[..., T], *arguments: Any) -> Future[T]:
        """Begin a unit of work and do not wait for it."""
        return self._thread.submit(work, *arguments)

    def do(self, work: Callable[..., T], *arguments: Any) -> T:
        return self.begin(work, *arguments).result()

    def close(self) -> None:
        self.do(_disconnect)
        self._thread.shutdown()

    def _connect(self) -> None:
        backend = load_backend(self._settings["ENGINE"])
        connections["default"] = backend.DatabaseWrapper(self._settings, "default")


class AtOnce:
    """Holds what several wait for, until all of them do: then they go on at one instant."""

    def __init__(self, url: str) -> None:
        self.connections = [OwnConnection(url) for _ in range(4)]
        self._holder, self._looker, *self._pair = self.connections

    def do(self, work: Callable[..., T], *arguments: Any) -> T:
        """Do something before or after, over a connection of neither."""
        return self._looker.do(work, *arguments)

    def two(
        self, lock: Callable[[], object], first: Callable[[], Any], second: Callable[[], Any]
    ) -> list[Any]:
        """Let both meet at a lock and give what each returned or raised.

        On PostgreSQL `first` stands first in line. SQLite has one lock, and whoever comes by next gets it.
        """
        with self.held(lock):
            begun = []
            for number, work in enumerate((first, second), start=1):
                begun.append(self._pair[number - 1].begin(work))
                self.until_waiting(number)
        return [each.exception() or each.result() for each in begun]

    @contextmanager
    def held(self, work: Callable[[], object]) -> Iterator[None]:
        """Keep open a transaction that has done some work, and commit it then."""
        done, go_on = threading.Event(), threading.Event()
        transaction_under_way = self._holder.begin(_hold, work, done, go_on)
        # Set at its end too, should the work raise.
        done.wait()
        try:
            yield
        finally:
            go_on.set()
            transaction_under_way.result()

    def close(self) -> None:
        for each in self.connections:
            each.close()

    def until_waiting(self, number: int) -> None:
        """Wait until so many wait for a lock; on SQLite nobody can tell."""
        if not self._looker.is_sqlite:
            wait_until(lambda: self.do(_waiting) == number, f"{number} waiting for a lock")


def _disconnect() -> None:
    connections["default"].close()


def _hold(work: Callable[[], object], done: threading.Event, go_on: threading.Event) -> None:
    try:
        with transaction.atomic():
            work()
            done.set()
            go_on.wait()
    finally:
        done.set()


def _waiting() -> int:
    with connections["default"].cursor() as cursor:
        cursor.execute(_WAITING)
        return int(cursor.fetchone()[0])
