"""What was counted. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from chat.figures.period import Period


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle, and what one in twenty exceeds."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Numbers:
    """What one set of generations comes to. Times in milliseconds, cost in roubles, speed in tokens a second.

    `estimated` are those whose tokens are an estimate of ours, `unpriced` the ended ones whose cost is not known: the
    sums hold the estimates, and nothing for what is not known.
    """

    generations: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    interrupted: int = 0
    live: int = 0
    users: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    estimated: int = 0
    cost: Decimal = Decimal()
    unpriced: int = 0
    ttft: Spread | None = None
    speed: Spread | None = None
    queue: Spread | None = None

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    @property
    def ended(self) -> int:
        return self.generations - self.live

    @property
    def cancel_rate(self) -> float | None:
        """Give the share of the ended ones that somebody stopped; None when nothing has ended."""
        return self.cancelled / self.ended if self.ended else None

    @property
    def error_rate(self) -> float | None:
        return self.failed / self.ended if self.ended else None


@dataclass(frozen=True, slots=True)
class Point:
    """One step of the period."""

    start: datetime
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Row:
    """One model."""

    name: str
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Spent:
    """What one user asked for."""

    username: str
    generations: int
    input_tokens: int
    output_tokens: int
    cost: Decimal

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True)
class Figures:
    """All that is shown of a period. `models` and `users` are those with the most tokens; `errors` by code, most first."""

    period: Period
    total: Numbers
    points: list[Point]
    models: list[Row]
    users: list[Spent]
    errors: list[tuple[str, int]]
