"""Frames on their way to one socket, in order, written by one task."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

# Characters of events that may wait for one socket: over a minute of the fastest answer that people read
# (200 deltas a second of 250 characters), so only who hardly reads at all has more. Memory is one to four
# bytes a character, shared with the other sockets that the event is for.
WAITING_MAX_CHARS = 4 * 1024 * 1024
# Characters that may wait before the next command is done. Small: a client that takes its replies slowly
# has them made slowly.
ROOM_CHARS = 256 * 1024


class Outbox:
    """`put` never waits; `run` hands the frames over one by one and waits for each.

    Events come when they come: with more than `WAITING_MAX_CHARS` of them the client is too slow, everything
    is dropped and `overflow` is called, once. Replies are made one at a time by who waits for `room` first.
    """

    def __init__(self, overflow: Callable[[], None]) -> None:
        self._overflow = overflow
        self._frames: deque[tuple[str, bool]] = deque()
        self._event_chars = 0
        self._chars = 0
        self._filled = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._is_closed = False

    def put(self, frame: str) -> None:
        """Add an event, or a reply that was made at once."""
        is_over = self._event_chars + len(frame) > WAITING_MAX_CHARS
        # One alone is taken however long it is: the next attempt could not make it shorter.
        if is_over and self._event_chars and not self._is_closed:
            self.close()
            self._overflow()
        self._add(frame, True)

    def put_reply(self, frame: str, *, first: bool = False) -> None:
        """Add what was made after `room`, however long it is."""
        self._add(frame, False, first)

    async def room(self) -> None:
        """Wait until little is waiting (`ROOM_CHARS`)."""
        await self._has_room.wait()

    def close(self) -> None:
        """Drop what waits and what is still to come."""
        self._is_closed = True
        self._frames.clear()
        self._count(-self._chars, -self._event_chars)

    async def run(self, send: Callable[[str], Awaitable[None]]) -> None:
        """Send until cancelled."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._frames:
                frame, is_event = self._frames.popleft()
                self._count(-len(frame), -len(frame) if is_event else 0)
                await send(frame)

    def _add(self, frame: str, is_event: bool, first: bool = False) -> None:
        if self._is_closed:
            return
        add = self._frames.appendleft if first else self._frames.append
        add((frame, is_event))
        self._count(len(frame), len(frame) if is_event else 0)
        self._filled.set()

    def _count(self, chars: int, event_chars: int) -> None:
        self._chars += chars
        self._event_chars += event_chars
        if self._chars > ROOM_CHARS:
            self._has_room.clear()
        elif not self._has_room.is_set():
            self._has_room.set()
