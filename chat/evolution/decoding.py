"""The bytes of one streamed answer to deltas: no clock, no network.

This is the code that runs for each chunk, so what is common is done in few calls.
"""

from contextlib import suppress

from chat.evolution.chunks import Choice, Chunk, ChunkDelta, decode_chunk
from chat.evolution.errors import ProviderError
from chat.evolution.items import Delta, Usage
from chat.evolution.lines import LineSplitter
from chat.evolution.mapping import from_event, from_stray_text
from chat.evolution.runs import Runs
from chat.evolution.thinking import ThinkSplitter
from chat.evolution.usage import usage_of

STRAY_BYTES_MAX = 8 * 1024
_IGNORED_FIELDS = (b":", b"event:", b"id:", b"retry:")


class StreamDecoder:
    """Decodes a stream fed to it in pieces of any size.

    `failure` is set instead of raised, so that the deltas before it are not lost. `done` is true
    after `[DONE]`, a failure or `end()`.
    """

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.usage: Usage | None = None
        self.failure: ProviderError | None = None
        self.done = False
        self._lines = LineSplitter()
        self._thinking = ThinkSplitter()
        self._runs = Runs()
        self._stray = b""

    def feed(self, data: bytes) -> list[Delta]:
        """Return the deltas in `data`: one for each run of the same kind."""
        self._take_lines(self._lines.feed(data))
        if self._lines.overflowed and not self.done:
            self._fail(ProviderError("provider_bad_response", "a line of the stream is too long"))
        return self._runs.take()

    def end(self, failure: ProviderError | None = None) -> list[Delta]:
        """Take the end of the stream, and the `failure` that ended it if one did.

        It is a success only if a finish reason was seen, and then whatever ended it.
        """
        if rest := self._lines.rest():
            self._take_last_line(rest)
        if not self.done:
            self._conclude(failure)
        return self._runs.take()

    def _take_lines(self, lines: list[bytes]) -> None:
        for line in lines:
            if line.startswith(b"data:"):
                self._take_data(line[5:])
            elif line.strip():
                self._take_other(line)
            if self.done:
                return

    def _take_last_line(self, line: bytes) -> None:
        """Take a line without its end: whole, or cut by the end of the connection."""
        if not line.startswith(b"data:"):
            self._take_other(line)
            return
        # A line that was cut is no chunk, and the stream is judged without it.
        with suppress(ValueError):
            self._take_chunk(decode_chunk(line[5:]))

    def _take_data(self, payload: bytes) -> None:
        try:
            self._take_chunk(decode_chunk(payload))
        except ValueError:
            self._take_odd_data(payload.strip())

    def _take_odd_data(self, payload: bytes) -> None:
        if payload == b"[DONE]":
            self._conclude()
        elif payload:
            text = payload.decode("utf-8", "replace")
            self._fail(ProviderError("provider_bad_response", f"not a chunk: {text}"))

    def _take_chunk(self, chunk: Chunk) -> None:
        for choice in chunk.choices or ():
            if not choice.index:
                self._take_choice(choice)
        if chunk.usage is not None:
            self.usage = usage_of(chunk.usage) or self.usage
        if chunk.error:
            self._fail(from_event(chunk.error))

    def _take_choice(self, choice: Choice) -> None:
        if choice.delta is not None:
            self._take_delta(choice.delta)
        if choice.finish_reason:
            self.finish_reason = choice.finish_reason

    def _take_delta(self, delta: ChunkDelta) -> None:
        reasoning = delta.reasoning_content or delta.reasoning
        content = delta.content
        if content or reasoning:
            self._runs.count_chunk()
        if reasoning:
            self._runs.add("reasoning", reasoning)
        if not content:
            return
        if self._thinking.settled:
            self._runs.add("content", content)
            return
        for kind, text in self._thinking.feed(content):
            self._runs.add(kind, text)

    def _take_other(self, line: bytes) -> None:
        """Take a line that is no data. llama.cpp has sent `error: {…}` as a field of its own."""
        if line.startswith(b"error:"):
            self._fail(from_stray_text(line[6:].decode("utf-8", "replace")))
        elif not line.startswith(_IGNORED_FIELDS):
            self._stray = (self._stray + line + b"\n")[:STRAY_BYTES_MAX]

    def _conclude(self, failure: ProviderError | None = None) -> None:
        for kind, text in self._thinking.flush():
            self._runs.add(kind, text)
        if self.finish_reason is None:
            self.failure = failure or self._why_unfinished()
        self.done = True

    def _why_unfinished(self) -> ProviderError:
        if self._stray:
            return from_stray_text(self._stray.decode("utf-8", "replace"))
        return ProviderError("provider_truncated", "the stream ended without a finish reason")

    def _fail(self, failure: ProviderError) -> None:
        self.finish_reason = None
        self._conclude(failure)
