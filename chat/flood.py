"""A limit on how many things happen in a sliding window. Pure: the clock is passed in."""

from collections import deque

from chat.timing import Clock


class FloodGate:
    """Allows `limit` passes in any `window_s` seconds."""

    def __init__(self, limit: int, window_s: float, clock: Clock) -> None:
        self._window_s = window_s
        self._clock = clock
        self._passes: deque[float] = deque(maxlen=limit)
        self._limit = limit

    def is_over(self) -> bool:
        """Count one pass; True when it is one too many."""
        now = self._clock()
        full = len(self._passes) == self._limit
        over = full and now - self._passes[0] < self._window_s
        self._passes.append(now)
        return over
