"""The server: daphne's, with connections of ours and an orderly stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

# First of all: it installs the reactor.
from daphne.server import Server  # isort: skip
from daphne.ws_protocol import WebSocketFactory
from twisted.internet import endpoints
from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred
from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    STDLibLogObserver,
    globalLogBeginner,
)

from evochat.serving.graceful_stop import Background, GracefulStop
from evochat.serving.http import RequestFactory
from evochat.serving.websocket import CLOSE_HANDSHAKE_S, WebSocket

# Which reactor was installed the types cannot know, and not all of Twisted has any.
reactor: Any = installed
server_from_string: Any = endpoints.serverFromString

# A client that takes nothing for this long is frozen. A phone in a tunnel is back sooner, or connects anew.
STALL_S = 10.0


class EvochatServer(Server):
    """Serves one address until SIGTERM or Ctrl-C; `announce` is called with the URL when it listens.

    `stall_s`: after how many seconds in which it takes nothing a client is left.
    """

    def __init__(
        self,
        application: Any,
        address: tuple[str, int],
        announce: Callable[[str], None],
        background: Background,
        stall_s: float = STALL_S,
    ) -> None:
        host, port = address
        endpoint = f"tcp:port={port}:interface={host.replace(':', chr(92) + ':')}"
        super().__init__(
            application,
            endpoints=[endpoint],
            verbosity=0,
            server_name="evochat",
            # A chat may be open for days: pings find the dead, and sessions are looked at (chat/sessions.py).
            websocket_timeout=-1,
        )
        self.ports: list[Any] = []
        self.stall_s = stall_s
        self._announce = announce
        self._background = background

    def run(self) -> None:
        """Serve until a signal; return when everything is stopped. In place of daphne's own `run`."""
        _log_errors_of_twisted()
        self.connections: dict[Any, dict[str, Any]] = {}
        self.http_factory = RequestFactory(self)
        self.ws_factory = self._socket_factory()
        reactor.callLater(1, self.application_checker)
        reactor.callLater(2, self.timeout_checker)
        for endpoint in self.endpoints:
            listening = server_from_string(reactor, endpoint).listen(self.http_factory)
            listening.addCallbacks(self.listen_success, self.listen_error)
        asyncio.set_event_loop(reactor._asyncioEventloop)  # noqa: SLF001  # as daphne does
        reactor.addSystemEventTrigger("before", "shutdown", self.kill_all_applications)
        reactor.callWhenRunning(self._start_background)
        reactor.run()

    def listen_success(self, listening: Any) -> None:
        """Remember the port, to close it, and say where it is."""
        super().listen_success(listening)
        self.ports.append(listening)
        at = listening.getHost()
        self._announce(f"http://{at.host}:{at.port}")

    async def handle_reply(self, protocol: Any, message: Any) -> None:
        """Pass a message of an application on; text and bodies wait until the client takes them."""
        await super().handle_reply(protocol, message)
        pressure = protocol.pressure
        if pressure is not None and pressure.is_paused and message["type"] in _WAITING:
            await pressure.room()

    def kill_all_applications(self) -> Deferred[None]:
        """Stop in order; the reactor waits for it."""
        stop = GracefulStop(self, reactor, self._background)
        return Deferred.fromFuture(asyncio.ensure_future(stop.run()))

    def _socket_factory(self) -> WebSocketFactory:
        factory = WebSocketFactory(self, server=self.server_name)
        factory.protocol = WebSocket
        factory.setProtocolOptions(
            autoPingTimeout=self.ping_timeout,
            allowNullOrigin=True,
            openHandshakeTimeout=self.websocket_handshake_timeout,
            closeHandshakeTimeout=CLOSE_HANDSHAKE_S,
            maxMessagePayloadSize=self.websocket_max_message_size,
            maxFramePayloadSize=self.websocket_max_frame_size,
            # A client that sends too much is told 1009, not just dropped.
            failByDrop=False,
        )
        return factory

    def _start_background(self) -> None:
        self._starting = asyncio.ensure_future(self._background.start())


# A close frame waits for nobody.
_WAITING = frozenset({"websocket.send", "http.response.body"})


def _log_errors_of_twisted() -> None:
    """Let what goes wrong inside a connection be seen; daphne sends all of Twisted's log nowhere."""
    observer: Any = STDLibLogObserver("twisted")
    is_error: Any = LogLevelFilterPredicate(LogLevel.error)
    errors: Any = FilteringLogObserver(observer, [is_error])
    globalLogBeginner.beginLoggingTo([errors], redirectStandardIO=False, discardBuffer=True)
