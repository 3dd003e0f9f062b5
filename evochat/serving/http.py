"""One HTTP request of the server: a streamed answer goes out as its client takes it."""

from __future__ import annotations

import logging
from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest

from evochat.serving.back_pressure import BackPressure

log = logging.getLogger(__name__)

# The names are those of the base classes.
# ruff: noqa: N802


class Request(WebRequest):
    """Daphne's request; `pressure` is what a streamed answer waits for."""

    pressure: BackPressure | None = None

    def handle_reply(self, message: Any) -> None:
        if message.get("more_body") and self.pressure is None and self.channel is not None:
            self.pressure = BackPressure(self.channel.transport)
            self.registerProducer(self.pressure, True)
        super().handle_reply(message)

    def finish(self) -> None:
        self._release()
        super().finish()

    def connectionLost(self, reason: Any) -> None:
        self._release()
        super().connectionLost(reason)

    def handle_exception(self, exception: BaseException) -> None:
        """Say that something went wrong; where an answer has begun, cut it: an orderly end would seem its own.

        Daphne would begin another answer, and die of that in the task that looks after all connections.
        """
        if self._response_started:
            self.channel.transport.abortConnection()
        else:
            super().handle_exception(exception)

    def check_timeouts(self) -> None:
        """Drop a client that has long taken nothing of its answer; called every 2 s."""
        if self.pressure is not None and self.pressure.stalled_s() > self.server.stall_s:
            log.info("an HTTP client is too slow: it took nothing for %.0f s", self.server.stall_s)
            self.channel.transport.abortConnection()
        super().check_timeouts()

    def close_after(self) -> None:
        """Have the connection closed once this is answered, and say so if that is not too late."""
        self.channel.persistent = False
        if not self.startedWriting:
            self.responseHeaders.setRawHeaders(b"Connection", [b"close"])

    def _release(self) -> None:
        if self.pressure is not None:
            self.unregisterProducer()
            self.pressure.release()


class RequestFactory(HTTPFactory):
    """Daphne's factory, for requests of ours."""

    def buildProtocol(self, addr: Any) -> Any:
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = Request
        return protocol
