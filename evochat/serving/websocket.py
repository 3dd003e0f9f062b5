"""One WebSocket of the server: sends with back-pressure, leaves clients that take nothing, and restarts."""

from __future__ import annotations

import logging
import time
from typing import Any

from autobahn.websocket import ConnectionDeny
from daphne.ws_protocol import WebSocketProtocol

from chat.protocol import CloseCode
from evochat.serving.back_pressure import BackPressure

log = logging.getLogger(__name__)

# The names are those of the base classes.
# ruff: noqa: N802

# How long a client may take to answer a close frame. Autobahn's own second is too short for a slow link,
# where the reset that follows would overtake the close frame.
CLOSE_HANDSHAKE_S = 3.0


class WebSocket(WebSocketProtocol):
    """Daphne's protocol; `pressure` is what its writers wait for."""

    pressure: BackPressure
    _dropped_at: float | None = None

    def connectionMade(self) -> None:
        """Take over the transport from the HTTP channel that read the handshake."""
        super().connectionMade()
        self.pressure = BackPressure(self.transport)
        self.transport.unregisterProducer()
        self.transport.registerProducer(self.pressure, True)

    def connectionLost(self, reason: Any) -> None:
        self.pressure.release()
        super().connectionLost(reason)

    def serverSend(self, content: Any, binary: bool = False) -> None:
        """Send a message; what comes after the close frame is dropped.

        Prepared, because `sendMessage` holds what is sent to the limit on what is received (1 MiB), and a
        snapshot may be longer. It is cheaper too.
        """
        if self.state == self.STATE_OPEN:
            payload = content if binary else content.encode()
            self.sendPreparedMessage(self.factory.prepareMessage(payload, binary))

    def close_for_restart(self) -> None:
        """Ask the client to connect again, elsewhere or later: 1012, or 503 for a handshake."""
        if self.state != self.STATE_CONNECTING:
            # `sendClose` refuses the codes between 1001 and 2999, also those that may be sent.
            self.sendCloseFrame(CloseCode.RESTARTING)
        elif hasattr(self, "handshake_deferred"):
            handshake = self.handshake_deferred
            del self.handshake_deferred
            refusal: Any = ConnectionDeny
            handshake.errback(refusal(503, "Service Unavailable"))
            # Its application may still accept: that goes nowhere.
            self.server.protocol_disconnected(self)

    def check_timeouts(self) -> None:
        """Look at the client's progress, then do daphne's own checks; called every 2 s."""
        stalled_s = self.pressure.stalled_s()
        if stalled_s > self.server.stall_s:
            self._leave(stalled_s)
        elif self.pressure.is_paused:
            # A ping would wait behind megabytes, and its answer come too late: progress shows life as well.
            self.last_ping = time.time()
        if self._dropped_at is not None and time.monotonic() - self._dropped_at > CLOSE_HANDSHAKE_S:
            self.transport.abortConnection()
        super().check_timeouts()

    def onAutoPingTimeout(self) -> None:
        """Drop a client that did not answer a ping, unless it is still taking what came before that."""
        if self.pressure.is_paused:
            self.autoPingTimeoutCall = None
        else:
            super().onAutoPingTimeout()

    def dropConnection(self, abort: bool = False) -> None:
        """Close the connection; one that is not aborted is after a while, if its client reads nothing."""
        self._dropped_at = time.monotonic()
        super().dropConnection(abort)

    def _leave(self, stalled_s: float) -> None:
        if self.state == self.STATE_OPEN:
            log.info("a client is too slow: it took nothing for %.0f s", stalled_s)
            # Dropped `CLOSE_HANDSHAKE_S` later, whatever it reads then.
            self.sendClose(CloseCode.TOO_SLOW)
