"""One connection of a client that costs next to nothing: it keeps what it reads, and when.

Nothing is decoded while a measurement runs. What was read is looked through afterwards.
"""

from __future__ import annotations

import asyncio
import re
from bisect import bisect_right
from itertools import accumulate
from typing import Any

from benchmarks.meter import now_us

# The words of `text=time`: the microsecond each was sent at.
_SENT_AT = re.compile(rb"\d{16}(?= )")
_MARKER_CHARS_MAX = 64


class Line(asyncio.Protocol):
    """Sends bytes and collects bytes."""

    def __init__(self) -> None:
        self._reads: list[bytes] = []
        self._read_at: list[int] = []
        self._tail = b""
        self._marker = b""
        self._found: asyncio.Future[None] | None = None
        self.is_open = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.is_open = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if self._found is not None and not self._found.done():
            self._found.set_exception(ConnectionError(f"closed before {self._marker!r}"))

    def data_received(self, data: bytes) -> None:
        self._read_at.append(now_us())
        self._reads.append(data)
        if self._found is None or self._found.done():
            return
        seen = self._tail + data
        if self._marker in seen:
            self._found.set_result(None)
        self._tail = seen[-_MARKER_CHARS_MAX:]

    def ask(self, request: bytes, until: bytes) -> asyncio.Future[None]:
        """Forget what was read, send, and return what is done once `until` has been read."""
        self._reads, self._read_at, self._tail = [], [], b""
        self._marker = until
        self._found = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._found

    def send(self, request: bytes) -> None:
        self._transport.write(request)

    def close(self) -> None:
        self._found = None
        self._transport.close()

    @property
    def received(self) -> bytes:
        """Everything read since the last question."""
        return b"".join(self._reads)

    def read_at(self, wanted: bytes) -> int | None:
        """Return the microsecond at which `wanted` was there; None when it is not."""
        at = self.received.find(wanted)
        return None if at < 0 else self._arrival()(at + len(wanted) - 1)

    def words(self) -> list[tuple[int, int]]:
        """Return `(sent, read)` in microseconds for each word of a `text=time` answer."""
        arrival = self._arrival()
        found = _SENT_AT.finditer(self.received)
        return [(int(word[0]), arrival(word.end())) for word in found]

    def _arrival(self) -> Arrival:
        return Arrival(self._reads, self._read_at)


class Arrival:
    """Tells when the byte at a position of all that was read arrived."""

    def __init__(self, reads: list[bytes], read_at: list[int]) -> None:
        self._ends = list(accumulate(map(len, reads)))
        self._read_at = read_at

    def __call__(self, position: int) -> int:
        return self._read_at[bisect_right(self._ends, position)]


async def connect(port: int) -> Line:
    """Open a connection to a server of this machine."""
    loop = asyncio.get_running_loop()
    _, line = await loop.create_connection(Line, "127.0.0.1", port)
    return line
