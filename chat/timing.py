"""The stopwatch of one stream. Times are milliseconds of the clock that is passed in."""

from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a stream was: `ttft_ms` is None when no text came."""

    ttft_ms: int | None
    total_ms: int
    chunks: int
    chars: int


class Stopwatch:
    """Started when the request is sent, told of every delta, read at the end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = clock()
        self._first: float | None = None
        self._chunks = 0
        self._chars = 0

    def delta(self, chars: int, chunks: int) -> None:
        if self._first is None:
            self._first = self._clock()
        self._chars += chars
        self._chunks += chunks

    def read(self) -> Measured:
        first = None if self._first is None else self._ms(self._first)
        return Measured(first, self._ms(self._clock()), self._chunks, self._chars)

    def _ms(self, moment: float) -> int:
        return round((moment - self._started) * 1000)


def rates(total_ms: int | None, chunks: int | None, chars: int | None) -> dict[str, float | None]:
    """Derive characters and chunks per second and characters per chunk; None where there is none."""
    if not total_ms or chunks is None or chars is None:
        return {"chars_per_second": None, "chunks_per_second": None, "avg_chunk_chars": None}
    return {
        "chars_per_second": round(chars * 1000 / total_ms, 2),
        "chunks_per_second": round(chunks * 1000 / total_ms, 2),
        "avg_chunk_chars": round(chars / chunks, 2) if chunks else None,
    }
