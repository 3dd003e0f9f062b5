"""The stopwatch of one stream. Times are milliseconds of the clock that is passed in."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from chat.deltas import Kind

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a stream was. A time is None when what it waits for never came.

    `ttft_ms`, `reasoning_ms` and `content_ms` run from the request to the first text of any, of that
    kind. `gap_p50_ms` and `gap_p95_ms` are of the times between two reads that brought text: chunks
    that came within one window were read together.
    """

    ttft_ms: int | None
    reasoning_ms: int | None
    content_ms: int | None
    total_ms: int
    chunks: int
    chars: int
    gap_p50_ms: int | None
    gap_p95_ms: int | None


class Stopwatch:
    """Started when the request is sent, told of every delta, read at the end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = clock()
        self._first: dict[Kind, float] = {}
        self._latest: float | None = None
        self._gaps: list[float] = []
        self._chunks = 0
        self._chars = 0

    def delta(self, kind: Kind, chars: int, chunks: int) -> None:
        now = self._clock()
        self._first.setdefault(kind, now)
        if self._latest is not None:
            self._gaps.append(now - self._latest)
        self._latest = now
        self._chars += chars
        self._chunks += chunks

    def read(self) -> Measured:
        return Measured(
            ttft_ms=self._since_start(min(self._first.values(), default=None)),
            reasoning_ms=self._since_start(self._first.get("reasoning")),
            content_ms=self._since_start(self._first.get("content")),
            total_ms=round((self._clock() - self._started) * 1000),
            chunks=self._chunks,
            chars=self._chars,
            gap_p50_ms=percentile_ms(self._gaps, 0.50),
            gap_p95_ms=percentile_ms(self._gaps, 0.95),
        )

    def _since_start(self, moment: float | None) -> int | None:
        return None if moment is None else round((moment - self._started) * 1000)


def percentile_ms(seconds: list[float], share: float) -> int | None:
    """Return the nearest-rank percentile in milliseconds; None of nothing."""
    if not seconds:
        return None
    rank = max(1, math.ceil(share * len(seconds)))
    return round(sorted(seconds)[rank - 1] * 1000)


def rates(total_ms: int | None, chunks: int | None, chars: int | None) -> dict[str, float | None]:
    """Derive characters and chunks per second and characters per chunk; None where there is none."""
    if not total_ms or chunks is None or chars is None:
        return {"chars_per_second": None, "chunks_per_second": None, "avg_chunk_chars": None}
    return {
        "chars_per_second": round(chars * 1000 / total_ms, 2),
        "chunks_per_second": round(chunks * 1000 / total_ms, 2),
        "avg_chunk_chars": round(chars / chunks, 2) if chunks else None,
    }
