"""Who writes to a connection waits while its client does not take what was written.

Daphne keeps everything that is sent until the client reads it: 200 MB for one that never does.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from typing import Any

from chat.timing import Clock

# Bytes not yet sent that the kernel takes for one connection. Without it that is up to 4 MB (Linux), of which
# it announces room only by the megabyte: over a link of 3 KB/s nothing would seem to move for minutes.
UNSENT_BYTES = 16 * 1024
# Not every platform has the option.
_NOTSENT_LOWAT: int | None = getattr(socket, "TCP_NOTSENT_LOWAT", None)


class BackPressure:
    """What the transport of one connection tells when it has too much (64 KiB) and when it has room.

    A push producer (`twisted.internet.interfaces.IPushProducer`).
    """

    def __init__(self, transport: Any, clock: Clock = time.monotonic) -> None:
        """Watch over a TCP transport of Twisted; whoever registers it as the producer switches it on."""
        self.is_paused = False
        self._transport = transport
        self._clock = clock
        self._room = asyncio.Event()
        self._left = 0
        self._moved_at = 0.0
        _keep_kernel_buffer_small(transport)

    async def room(self) -> None:
        """Wait until all that was written has left for the kernel, or the connection is gone."""
        if self.is_paused:
            await self._room.wait()

    def stalled_s(self) -> float:
        """Tell for how long the client has taken nothing; 0 while there is room.

        Progress is what changed since the last call, so it is as exact as calls are frequent.
        """
        if not self.is_paused:
            return 0.0
        left = len(self._transport.dataBuffer) - self._transport.offset
        if left != self._left:
            self._left, self._moved_at = left, self._clock()
        return self._clock() - self._moved_at

    def release(self) -> None:
        """Let all who wait go on: there is room, or nobody to wait for."""
        self.is_paused = False
        self._room.set()

    # -- As Twisted calls it -------------------------------------------------------------------

    def pauseProducing(self) -> None:  # noqa: N802
        """Make writers wait; called with each write while there is too much."""
        if not self.is_paused:
            self.is_paused = True
            self._moved_at = self._clock()
            self._room.clear()

    resumeProducing = release  # noqa: N815
    stopProducing = release  # noqa: N815


def _keep_kernel_buffer_small(transport: Any) -> None:
    if _NOTSENT_LOWAT is not None:
        # A Unix socket has no such thing.
        with contextlib.suppress(OSError):
            transport.getHandle().setsockopt(socket.IPPROTO_TCP, _NOTSENT_LOWAT, UNSENT_BYTES)
