"""The Engine of a web process: started once, stopped before the reactor is."""

from __future__ import annotations

import asyncio
import contextvars
import sys
from typing import Any

from django.conf import settings

from chat.engine import Engine

# Less than the 10 s that a supervisor commonly waits before it kills.
STOP_GRACE_S = 5.0


class EngineOwner:
    """Starts the Engine at the first call from the server's loop; daphne has no lifespan protocol."""

    def __init__(self) -> None:
        self._starting: asyncio.Task[Engine] | None = None
        self._is_hooked = False

    async def engine(self) -> Engine:
        """Return the running Engine. Whoever comes first starts it, all wait for that."""
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

    def _stop_with_reactor(self) -> None:
        if not self._is_hooked:
            self._is_hooked = True
            _before_shutdown(self.stop)

    async def stop(self) -> None:
        starting, self._starting = self._starting, None
        if starting is not None and starting.done() and not starting.exception():
            await starting.result().stop(STOP_GRACE_S)
        elif starting is not None:
            starting.cancel("server stops")
            await asyncio.gather(starting, return_exceptions=True)


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
    """Have the server's reactor wait for the Engine's end (SIGTERM, Ctrl-C)."""
    if "twisted.internet.reactor" not in sys.modules:
        return
    from twisted.internet import reactor as installed
    from twisted.internet.defer import Deferred

    # Which reactor was installed the types cannot know.
    reactor: Any = installed
    reactor.addSystemEventTrigger(
        "before", "shutdown", lambda: Deferred.fromFuture(asyncio.ensure_future(stop()))
    )
