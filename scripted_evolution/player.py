"""Plays a script over an HTTP response: pace, hold, encoding of the bytes, faults."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from scripted_evolution.faults import FAULTS_IN_STREAM
from scripted_evolution.records import Record
from scripted_evolution.script import Piece, Script
from scripted_evolution.wire import DONE, ChunkWriter

FAULT_AT_DEFAULT = 3


class Player:
    """Plays one answer. `release` is awaited at the hold; `changed` is told of every step."""

    def __init__(
        self,
        script: Script,
        record: Record,
        writer: ChunkWriter,
        *,
        with_usage: bool,
        release: Callable[[], Awaitable[None]],
        changed: Callable[[], None],
    ) -> None:
        self.script = script
        self.record = record
        self.chunks: ChunkWriter = writer
        self._with_usage = with_usage and script.directive.usage
        self._release = release
        self._changed = changed
        self._fault_at = self._first_faulty_chunk()
        self._paused_s = 0.0

    async def play(self, request: web.Request) -> web.StreamResponse:
        """Write the whole answer; a cancel (the client left) stops it where it is."""
        self.request = request
        self.response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await self.response.prepare(request)
        if await self._play_pieces():
            await self._play_end()
        return self.response

    async def send(self, data: bytes) -> None:
        """Write `data` in the line endings and the write sizes the directive asks for."""
        fault = self.script.directive.fault
        if fault == "crlf":
            data = data.replace(b"\n", b"\r\n")
        if fault != "dribble":
            await self.response.write(data)
            return
        for position in range(len(data)):
            await self.response.write(data[position : position + 1])
            # Let the socket send it: a byte a segment is the point of it.
            await asyncio.sleep(0)

    async def _play_pieces(self) -> bool:
        """Return False when a fault has ended the answer."""
        directive, started = self.script.directive, asyncio.get_running_loop().time()
        gap_s = 1 / directive.rate if directive.rate > 0 else 0.0
        await self._wait_until(started + directive.first)
        await self.send(self.chunks.role())
        content = 0
        for number, piece in enumerate(self.script.pieces):
            if not await self._before_content(content, piece[0]):
                return False
            await self._wait_until(started + directive.first + number * gap_s + self._paused_s)
            await self.send(self.chunks.piece(self._timed(piece)))
            if self.script.directive.usage_each:
                await self._send_usage(self.record.chunks_sent + 1)
            content += piece[0] == "content"
            self.record.chunks_sent += 1
            self._changed()
        return await self._before_content(content, "content")

    def _timed(self, piece: Piece) -> Piece:
        if self.script.directive.text == "words":
            return piece
        return piece[0], f"{time.time_ns() // 1000} "

    async def _before_content(self, content: int, kind: str) -> bool:
        if kind != "content":
            return True
        if content == self.script.directive.hold:
            await self._hold()
        if content != self._fault_at:
            return True
        self._fault_at = None
        return await FAULTS_IN_STREAM[str(self.script.directive.fault)](self)

    async def _hold(self) -> None:
        loop = asyncio.get_running_loop()
        since = loop.time()
        self.record.held = True
        self._changed()
        try:
            await self._release()
        finally:
            self.record.held = False
        self._paused_s += loop.time() - since

    async def _play_end(self) -> None:
        await self.send(self.chunks.finish(self.script.finish_reason))
        if self._with_usage:
            await self._send_usage(self.record.chunks_sent)
        await self.send(DONE)
        await self.response.write_eof()
        self.record.finished = True

    async def _send_usage(self, output_tokens: int) -> None:
        await self.send(self.chunks.usage(self.script.input_tokens, output_tokens))

    async def _wait_until(self, when: float) -> None:
        left = when - asyncio.get_running_loop().time()
        if left > 0:
            await asyncio.sleep(left)

    def _first_faulty_chunk(self) -> int | None:
        directive = self.script.directive
        if directive.fault not in FAULTS_IN_STREAM:
            return None
        return FAULT_AT_DEFAULT if directive.at is None else directive.at
