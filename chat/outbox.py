"""Frames on their way to one socket, in order, written by one task."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable


class Outbox:
    """`put` never waits; `run` hands the frames over one by one and waits for each."""

    def __init__(self) -> None:
        self._frames: deque[str] = deque()
        self._filled = asyncio.Event()

    def put(self, frame: str) -> None:
        self._frames.append(frame)
        self._filled.set()

    def put_first(self, frame: str) -> None:
        self._frames.appendleft(frame)
        self._filled.set()

    async def run(self, send: Callable[[str], Awaitable[None]]) -> None:
        """Send until cancelled."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._frames:
                await send(self._frames.popleft())
