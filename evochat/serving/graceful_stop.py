"""The end of a web process after SIGTERM or Ctrl-C: nobody is cut off, and it is over in time.

Daphne sends no close frame, tells no consumer, waits for the first of the applications it has cancelled,
and within about a second of a handshake stumbles over an entry without one (a KeyError) and cancels none.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Protocol

from twisted.internet.tcp import Server as Transport

from evochat.serving.http import Request
from evochat.serving.websocket import WebSocket

log = logging.getLogger(__name__)

# Close handshake (3 s) < requests < the whole < what a supervisor commonly waits before it kills (10 s).
FINISH_WITHIN_S = 6.0
CANCEL_WITHIN_S = 2.0
DEADLINE_S = 9.0
LOOK_EVERY_S = 0.02


class Background(Protocol):
    """What runs beside the connections (`evochat.lifecycle.EngineOwner`)."""

    async def start(self) -> object:
        """Start it; called when the server listens."""

    async def wind_down(self) -> None:
        """Begin nothing new and finish what runs, within a deadline of its own."""

    async def stop(self) -> None:
        """Stop the rest; called when no connection needs it any more."""


class GracefulStop:
    """Stops a server in order. A cancel of `run` leaves what is left to the end of the process."""

    def __init__(self, server: Any, reactor: Any, background: Background) -> None:
        self._server = server
        self._reactor = reactor
        self._background = background

    async def run(self) -> None:
        """Refuse what is new, let what runs end, then stop the background. Raises nothing."""
        began = time.monotonic()
        log.info("the server stops")
        _ignore_further_signals()
        _exit_at_deadline()
        winding_down = asyncio.ensure_future(self._background.wind_down())
        self._close_connections()
        await self._until(lambda: not self._transports() and not self._applications())
        await self._end_what_is_left()
        await _logged(winding_down)
        await _logged(self._background.stop())
        log.info("the server stopped after %.1f s", time.monotonic() - began)

    def _close_connections(self) -> None:
        for port in self._server.ports:
            port.stopListening()
        busy = {request.channel.transport for request in self._requests()}
        for request in self._requests():
            request.close_after()
        for transport in self._transports():
            if isinstance(transport.protocol, WebSocket):
                transport.protocol.close_for_restart()
            elif transport not in busy:
                # An idle connection that was kept alive, or one that has not asked for anything whole.
                transport.unregisterProducer()
                transport.loseConnection()

    async def _end_what_is_left(self) -> None:
        left = self._applications()
        if left:
            log.warning("%d requests or sockets did not end in time and are cancelled", len(left))
        for transport in self._transports():
            transport.abortConnection()
        for application in left:
            application.cancel()
        if left:
            await asyncio.wait(left, timeout=CANCEL_WITHIN_S)

    def _transports(self) -> set[Any]:
        """Find the TCP connections; one that waits to be written may not be among the readers."""
        known = [*self._reactor.getReaders(), *self._reactor.getWriters()]
        return {each for each in known if isinstance(each, Transport)}

    def _requests(self) -> Iterator[Request]:
        """Find the requests that an application is answering."""
        for protocol, details in self._server.connections.items():
            is_answered = "disconnected" in details or "application_instance" not in details
            if isinstance(protocol, Request) and not is_answered:
                yield protocol

    def _applications(self) -> list[asyncio.Future[None]]:
        # The request of a handshake has none: the socket has.
        started = [each.get("application_instance") for each in self._server.connections.values()]
        return [each for each in started if each is not None and not each.done()]

    async def _until(self, is_over: Callable[[], bool]) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FINISH_WITHIN_S):
                while not is_over():  # noqa: ASYNC110  # Twisted tells nobody of a closed connection
                    await asyncio.sleep(LOOK_EVERY_S)


async def _logged(stopping: Awaitable[None]) -> None:
    try:
        await stopping
    except Exception:
        # The rest has to be stopped all the same.
        log.exception("a part of the server did not stop as it should")


def _ignore_further_signals() -> None:
    """Go on stopping in order at a second SIGTERM or Ctrl-C: it ends within the deadline anyway."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def _exit_at_deadline() -> None:
    """Be gone before a supervisor kills, also if a thread hangs on a database that does not answer."""
    timer = threading.Timer(DEADLINE_S, _give_up)
    timer.daemon = True
    timer.start()


def _give_up() -> None:
    log.error("the server did not stop within %.0f s and exits", DEADLINE_S)
    os._exit(1)
