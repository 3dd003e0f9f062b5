"""Threads that talk to the database, each over a connection of its own that it keeps."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, connections

T = TypeVar("T")

log = logging.getLogger(__name__)

# The database cannot be reached, or refused for now: nothing is wrong with what was asked. InternalError is
# how PostgreSQL says that it is read-only, or that it has ended a transaction.
DATABASE_DOWN = (OperationalError, InterfaceError, InternalError)
# All that the database may say; InterfaceError is no DatabaseError.
DATABASE_ERRORS = (DatabaseError, InterfaceError)

# A statement of ours takes milliseconds, or up to `lock_timeout` (4 s) behind a lock. Not more than a lease (10 s):
# who is cut off by a link that loses everything finds out before it matters.
SILENCE_MAX_S = 10.0
# A unit that has waited for its turn so long is not begun: who asked has been told, or has gone.
TURN_MAX_S = 10.0
# A connection that turns out to be broken does so at once; what took longer than a lock may is no such thing.
BROKEN_WITHIN_S = 5.0
# Of a process that stops; well under the time a supervisor waits before it kills (10 s).
CLOSE_WITHIN_S = 2.0


class DatabaseBusyError(OperationalError):
    """All threads wait for the database, and have for so long that this unit was not begun."""


class DatabaseThreads:
    """Runs sync units of work for coroutines. With one worker they run in the order they came.

    A cancelled `run` stops waiting, not the work: units are idempotent and fenced. A unit takes no longer than its
    statements may: each gets an answer from PostgreSQL within `SILENCE_MAX_S` seconds or fails (with SQLite, a lock
    within its `timeout`); what a statement without an answer did is then not known.
    """

    def __init__(self, name: str, workers: int = 1) -> None:
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._local = local()
        self._connections: list[Any] = []

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """Run one unit. Raises what it raises, and `DatabaseBusyError` when its turn never came."""
        return await self._in_turn(_once, work, args)

    async def run_again_if_down(self, work: Callable[..., T], *args: object) -> T:
        """Run an idempotent unit, once more over a new connection if its own turns out to be broken."""
        return await self._in_turn(_once_more_if_down, work, args)

    async def close(self) -> None:
        """Wait for what runs, then close the threads and their connections.

        What the database has not answered within `CLOSE_WITHIN_S` is broken off: it rolls that back.
        """
        closing = asyncio.create_task(asyncio.to_thread(self._shut_down))
        done, _ = await asyncio.wait([closing], timeout=CLOSE_WITHIN_S)
        if not done:
            log.warning("the database does not answer: what it was asked is broken off")
            for connection in self._connections:
                _break_off(connection)
        await closing

    def _shut_down(self) -> None:
        self._executor.shutdown()
        for connection in self._connections:
            connection.close()

    async def _in_turn(
        self, how: Callable[..., T], work: Callable[..., T], args: tuple[object, ...]
    ) -> T:
        loop, asked_at = asyncio.get_running_loop(), time.monotonic()
        return await loop.run_in_executor(self._executor, self._call, work, args, how, asked_at)

    def _call(
        self,
        work: Callable[..., T],
        args: tuple[object, ...],
        how: Callable[..., T],
        asked_at: float,
    ) -> T:
        if time.monotonic() - asked_at > TURN_MAX_S:
            raise DatabaseBusyError("all threads wait for the database")
        connection: Any = connections["default"]
        if not hasattr(self._local, "known"):
            # Closed by whoever stops us, after this thread has ended.
            connection.inc_thread_sharing()
            self._connections.append(connection)
            # Of our backend for PostgreSQL (evochat/postgresql/).
            connection.silence_max_s = SILENCE_MAX_S
            self._local.known = True
        # Kept whatever CONN_MAX_AGE says: that is for requests.
        connection.close_at = None
        connection.close_if_unusable_or_obsolete()
        try:
            return how(work, args)
        except BaseException as error:
            drop_locals(error)
            raise


def drop_locals(error: BaseException) -> None:
    """Free what the frames hold that an error and its causes came through, in the thread that they belong to.

    A cursor of SQLite among them would else be freed by whoever handles the error: an event loop then stands
    still, with the interpreter's lock, until the connection has done what it does next. With a database that
    another program had locked that was measured at 7 s (`sqlite3_reset` waits for the connection's mutex).
    """
    waiting, seen = [error], set()
    while waiting:
        each = waiting.pop()
        seen.add(id(each))
        traceback.clear_frames(each.__traceback__)
        causes = [each.__cause__, each.__context__]
        waiting += [cause for cause in causes if cause is not None and id(cause) not in seen]


def _once(work: Callable[..., T], args: tuple[object, ...]) -> T:
    return work(*args)


def _once_more_if_down(work: Callable[..., T], args: tuple[object, ...]) -> T:
    """Try again in the same thread: after a restart of the database those of all others are broken too."""
    began = time.monotonic()
    try:
        return work(*args)
    except DATABASE_DOWN:
        if time.monotonic() - began > BROKEN_WITHIN_S:
            raise
        connections["default"].close_if_unusable_or_obsolete()
        return work(*args)


def _break_off(connection: Any) -> None:
    """End the wait of the thread that uses this connection; safe from another thread.

    Of PostgreSQL by shutting down a copy of its socket: the thread then sees the server gone.
    """
    driver = connection.connection
    if connection.vendor == "postgresql" and driver is not None and not driver.closed:
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(driver.fileno())) as copy:
            copy.shutdown(socket.SHUT_RDWR)
