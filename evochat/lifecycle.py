"""The Engine of a web process: started once, stopped before the reactor is."""

from __future__ import annotations

import asyncio
import contextvars
import sys
from typing import Any

from django.conf import settings

from chat.engine import Engine

# What answers that are being written get to end; storing the rest as interrupted takes up to 2 s more.
# Both are within the deadline of the whole stop (evochat/serving/graceful_stop.py).
STOP_GRACE_S = 5.0


class EngineOwner:
    """Starts the Engine at the first call from the server's loop; daphne has no lifespan protocol."""

    def __init__(self) -> None:
        self._starting: asyncio.Task[Engine] | None = None
        self._is_stopped_by_server = False
        self._is_hooked = False
        self._is_stopping = False

    async def engine(self) -> Engine:
        """Return the running Engine. Whoever comes first starts it, all wait for that."""
        if self._is_stopping:
            raise RuntimeError("the Engine stops")
        if self._starting is None:
            # A clean context: the Engine must not keep the first request's thread alive.
            self._starting = asyncio.create_task(_start(), context=contextvars.Context())
            self._stop_with_reactor()
        starting = self._starting
        try:
            return await asyncio.shield(starting)
        except Exception:
            # The next call tries again.
            if self._starting is starting:
                self._starting = None
            raise

    async def start(self) -> Engine:
        """Start it for a server that stops it too."""
        self._is_stopped_by_server = True
        return await self.engine()

    async def wind_down(self) -> None:
        """Claim nothing more, and let the answers that are being written end within `STOP_GRACE_S`."""
        self._is_stopping = True
        if engine := await self._started():
            await engine.stop_generating(STOP_GRACE_S)

    async def stop(self) -> None:
        """Wind down, then stop the rest of the Engine."""
        await self.wind_down()
        engine = await self._started()
        self._starting = None
        if engine:
            await engine.stop()

    async def _started(self) -> Engine | None:
        """Return the Engine if it has started; one that is about to start is kept from it."""
        starting = self._starting
        if starting is None:
            return None
        if not starting.done():
            starting.cancel("server stops")
            await asyncio.wait([starting])
        return None if starting.cancelled() or starting.exception() else starting.result()

    def _stop_with_reactor(self) -> None:
        if not self._is_hooked and not self._is_stopped_by_server:
            self._is_hooked = True
            _before_shutdown(self.stop)


owner = EngineOwner()


def with_engine(application: Any) -> Any:
    """Put the process's Engine into every scope."""

    async def call(scope: Any, receive: Any, send: Any) -> None:
        await application({**scope, "engine": await owner.engine()}, receive, send)

    return call


async def _start() -> Engine:
    engine = Engine(generates=settings.GENERATE_IN == "web")
    try:
        await engine.start()
    except BaseException:
        await engine.stop()
        raise
    return engine


def _before_shutdown(stop: Any) -> None:
    """Have the reactor of plain daphne wait for the Engine's end (SIGTERM, Ctrl-C)."""
    if "twisted.internet.reactor" not in sys.modules:
        return
    from twisted.internet import reactor as installed
    from twisted.internet.defer import Deferred

    # Which reactor was installed the types cannot know.
    reactor: Any = installed
    reactor.addSystemEventTrigger(
        "before", "shutdown", lambda: Deferred.fromFuture(asyncio.ensure_future(stop()))
    )
