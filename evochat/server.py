"""Daphne as evochat runs it: on uvloop where there is one, with the Engine started at once."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any


def use_fast_loop() -> None:
    """Set uvloop's policy. Must be called before daphne is imported: that installs the reactor."""
    with contextlib.suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


def make_server(application: Any, host: str, port: int, announce: Any) -> Any:
    """Return a daphne server that calls `announce(address)` when it listens."""
    from daphne.server import Server
    from twisted.internet import reactor as installed

    reactor: Any = installed

    class EvochatServer(Server):
        def listen_success(self, listening: Any) -> None:
            super().listen_success(listening)
            at = listening.getHost()
            announce(f"http://{at.host}:{at.port}")

        def run(self) -> None:
            reactor.callWhenRunning(self._when_running)
            super().run()

        def _when_running(self) -> None:
            from evochat.lifecycle import owner

            # A client that sends too much is told 1009, not just dropped.
            self.ws_factory.setProtocolOptions(failByDrop=False)
            self._starting = asyncio.ensure_future(owner.engine())

    endpoint = f"tcp:port={port}:interface={host.replace(':', chr(92) + ':')}"
    return EvochatServer(application, endpoints=[endpoint], verbosity=0, server_name="evochat")
