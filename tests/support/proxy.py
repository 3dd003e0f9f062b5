"""A TCP link that can be cut, reset, black-holed, frozen, delayed and throttled, each way by itself.

It runs in a thread with a loop of its own, so a test that blocks (while it starts a process, say) does not
stop the traffic. Its methods are called from any thread and have taken effect when they return.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypeVar

T = TypeVar("T")

Way = Literal["up", "down"]
BLOCK_BYTES = 64 * 1024
# A linger of zero: close sends RST, and what is under way is lost.
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Conditions:
    """What one way of a link is like now. `lost`: taken and dropped; `frozen`: not taken at all."""

    delay_s: float = 0.0
    bytes_per_s: float = 0.0
    lost: bool = False
    frozen: bool = False


@dataclass(eq=False, slots=True)
class Pair:
    """One connection through the link: both its ends, and the tasks that carry."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter | None = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def close(self, *, reset: bool) -> None:
        for task in self.tasks:
            task.cancel("link cut")
        for writer in (self.client, self.server):
            if writer is not None:
                _close(writer, reset=reset)


class Proxy:
    """Listens on `port` of 127.0.0.1 and carries to `target`. `up` is from the client to the server."""

    def __init__(self, target: int, name: str = "link") -> None:
        self.target = target
        self.name = name
        self.port = 0
        self.carried = {"up": 0, "down": 0}
        self._ways: dict[str, Conditions] = {"up": Conditions(), "down": Conditions()}
        self._pairs: set[Pair] = set()
        self._refuses = False
        self._changed = asyncio.Event()
        self._listening: socket.socket | None = None
        self._carrying: set[asyncio.Task[None]] = set()

    def start(self) -> Proxy:
        _on_loop(self._listen())
        return self

    def stop(self) -> None:
        """Close it and all its connections."""
        _on_loop(self._close())

    @property
    def connections(self) -> int:
        return len(self._pairs)

    # -- What can happen to a link ------------------------------------------------------------

    def cut(self, *, reset: bool = False) -> None:
        """End every connection (`reset`: with RST) and refuse new ones until `restore`."""
        _on_loop(self._drop(refuse=True, reset=reset))

    def drop(self, *, reset: bool = False) -> None:
        """End every connection; new ones are welcome."""
        _on_loop(self._drop(refuse=False, reset=reset))

    def black_hole(self, *ways: Way) -> None:
        """Take every byte and lose it, each way unless `ways` says which."""
        self._set(ways, lost=True)

    def freeze(self, *ways: Way) -> None:
        """Carry nothing and take nothing: the sender's buffers fill up."""
        self._set(ways, frozen=True)

    def delay(self, seconds: float, *ways: Way) -> None:
        """Hand everything over that much later, in its order."""
        self._set(ways, delay_s=seconds)

    def throttle(self, bytes_per_s: float, *ways: Way) -> None:
        self._set(ways, bytes_per_s=bytes_per_s)

    def restore(self) -> None:
        """Be a good link again, for old connections and new ones."""
        _on_loop(self._restore())

    # -- How it does that ---------------------------------------------------------------------

    def _set(self, ways: tuple[Way, ...], **conditions: Any) -> None:
        _on_loop(self._change(ways or ("up", "down"), conditions))

    async def _change(self, ways: tuple[Way, ...], conditions: dict[str, Any]) -> None:
        for way in ways:
            for name, value in conditions.items():
                setattr(self._ways[way], name, value)
        self._changed.set()
        self._changed = asyncio.Event()

    async def _restore(self) -> None:
        self._refuses = False
        good = {"delay_s": 0.0, "bytes_per_s": 0.0, "lost": False, "frozen": False}
        await self._change(("up", "down"), good)

    async def _listen(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self._listening.setblocking(False)
        self.port = self._listening.getsockname()[1]
        # asyncio's own server loses a connection that it accepts just as it is closed (python/cpython#109564).
        asyncio.get_running_loop().add_reader(self._listening, self._accept, self._listening)

    async def _close(self) -> None:
        if self._listening is not None:
            asyncio.get_running_loop().remove_reader(self._listening)
            self._listening.close()
        await self._drop(refuse=True, reset=True)

    def _accept(self, listening: socket.socket) -> None:
        try:
            taken, _address = listening.accept()
        except OSError:  # it was given up before it was taken
            return
        task = asyncio.get_running_loop().create_task(self._carry(taken))
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)

    async def _drop(self, *, refuse: bool, reset: bool) -> None:
        self._refuses = refuse
        pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            pair.close(reset=reset)
        tasks = [task for pair in pairs for task in pair.tasks]
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(self, taken: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=taken, limit=BLOCK_BYTES)
        pair = Pair(writer)
        if self._refuses:
            pair.close(reset=True)
            return
        self._pairs.add(pair)
        try:
            far_reader, pair.server = await asyncio.open_connection(
                "127.0.0.1", self.target, limit=BLOCK_BYTES
            )
        except OSError:
            self._pairs.discard(pair)
            pair.close(reset=True)
            return
        if pair not in self._pairs:
            pair.close(reset=True)
            return
        pair.tasks = [
            asyncio.create_task(self._pump("up", reader, pair.server)),
            asyncio.create_task(self._pump("down", far_reader, writer)),
        ]
        await asyncio.wait(pair.tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in pair.tasks:
            task.cancel("the other way is broken")
        told = await asyncio.gather(*pair.tasks, return_exceptions=True)
        self._pairs.discard(pair)
        pair.close(reset=any(isinstance(each, OSError) for each in told))

    async def _pump(
        self, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Carry one way until its end, which leaves the other open; an error of either ends both."""
        conditions = self._ways[way]
        while True:
            await self._while_frozen(conditions)
            block = await reader.read(_block_size(conditions))
            if not block:
                break
            await self._while_frozen(conditions)
            await self._pass_on(way, conditions, block, writer)
        writer.write_eof()

    async def _pass_on(
        self, way: Way, conditions: Conditions, block: bytes, writer: asyncio.StreamWriter
    ) -> None:
        if conditions.lost:
            return
        if conditions.delay_s:
            await asyncio.sleep(conditions.delay_s)
        if conditions.bytes_per_s:
            await asyncio.sleep(len(block) / conditions.bytes_per_s)
        writer.write(block)
        self.carried[way] += len(block)
        await writer.drain()

    async def _while_frozen(self, conditions: Conditions) -> None:
        while conditions.frozen:
            await self._changed.wait()


def _block_size(conditions: Conditions) -> int:
    """Read little at a time over a slow link: a tenth of a second's worth."""
    if conditions.bytes_per_s:
        return max(1, min(BLOCK_BYTES, int(conditions.bytes_per_s / 10)))
    return BLOCK_BYTES


def _close(writer: asyncio.StreamWriter, *, reset: bool) -> None:
    sock = writer.get_extra_info("socket")
    if reset and sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        writer.transport.abort()
    else:
        writer.close()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """Give the loop that all links of this run share, in a thread that ends with the run."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="links", daemon=True).start()
    return loop


def _on_loop(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(work, _loop()).result(10)
