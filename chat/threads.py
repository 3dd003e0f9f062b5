"""Threads that talk to the database, each over a connection of its own that it keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, connections

T = TypeVar("T")

# The database cannot be reached, or refused for now: nothing is wrong with what was asked. InternalError is
# how PostgreSQL says that it is read-only, or that it has ended a transaction.
DATABASE_DOWN = (OperationalError, InterfaceError, InternalError)
# All that the database may say; InterfaceError is no DatabaseError.
DATABASE_ERRORS = (DatabaseError, InterfaceError)


class DatabaseThreads:
    """Runs sync units of work for coroutines. With one worker they run in the order they came.

    A cancelled `run` stops waiting, not the work: units are idempotent and fenced.
    """

    def __init__(self, name: str, workers: int = 1) -> None:
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._local = local()
        self._connections: list[Any] = []

    async def run(self, work: Callable[..., T], *args: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, self._call, work, args)

    async def run_again_if_down(self, work: Callable[..., T], *args: object) -> T:
        """Run an idempotent unit, once more if its connection turns out to be broken."""
        try:
            return await self.run(work, *args)
        except DATABASE_DOWN:
            return await self.run(work, *args)

    async def close(self) -> None:
        """Wait for what runs, then close the threads and their connections."""
        await asyncio.to_thread(self._shut_down)

    def _shut_down(self) -> None:
        self._executor.shutdown()
        for connection in self._connections:
            connection.close()

    def _call(self, work: Callable[..., T], args: tuple[object, ...]) -> T:
        connection = connections["default"]
        if not hasattr(self._local, "known"):
            # Closed by whoever stops us, after this thread has ended.
            connection.inc_thread_sharing()
            self._connections.append(connection)
            self._local.known = True
        # Kept whatever CONN_MAX_AGE says: that is for requests.
        connection.close_at = None
        connection.close_if_unusable_or_obsolete()
        return work(*args)
