"""The same figures by brute force: rows in a list, counted by Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import quantiles
from typing import Any

from chat.figures import Period, Step
from chat.models import Generation, Status


def counted(rows: Iterable[Generation]) -> dict[str, Any]:
    rows = list(rows)
    of = Counter(row.status for row in rows)
    live = of[Status.QUEUED] + of[Status.IN_PROGRESS]
    return {
        "generations": len(rows),
        "completed": of[Status.COMPLETED],
        "failed": of[Status.FAILED],
        "cancelled": of[Status.CANCELLED],
        "interrupted": of[Status.INTERRUPTED],
        "live": live,
        "users": len({row.owner_id for row in rows}),
        "input_tokens": sum(row.input_tokens or 0 for row in rows),
        "output_tokens": sum(row.output_tokens or 0 for row in rows),
        "estimated": sum(row.usage_estimated for row in rows),
        "cost": sum((row.cost for row in rows if row.cost is not None), Decimal()),
        "unpriced": sum(row.cost is None and row.ended_at is not None for row in rows),
        "ttft": spread(row.ttft_ms for row in rows),
        "queue": spread(row.queue_ms for row in rows),
        "speed": spread(speed(row) for row in rows),
        "cancel_rate": of[Status.CANCELLED] / (len(rows) - live) if len(rows) > live else None,
        "error_rate": of[Status.FAILED] / (len(rows) - live) if len(rows) > live else None,
    }


def speed(row: Generation) -> float | None:
    """Give tokens a second as the page says them (chat/static/chat/js/answer-numbers.js)."""
    writing = (row.total_ms or 0) - (row.ttft_ms or 0)
    if (row.output_tokens or 0) > 1 and writing > 0:
        return (row.output_tokens - 1) / (writing / 1000)
    return None


def spread(values: Iterable[float | None]) -> tuple[float, float] | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    cuts = quantiles(known * 2 if len(known) == 1 else known, n=20, method="inclusive")
    return cuts[9], cuts[18]


def grouped(
    rows: Iterable[Generation], key: Callable[[Generation], Any]
) -> dict[Any, list[Generation]]:
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def in_period(rows: Iterable[Generation], period: Period) -> list[Generation]:
    start, end = period.start.astimezone(UTC), period.end.astimezone(UTC)
    return [row for row in rows if start <= row.created_at < end]


def step_of(moment: datetime, period: Period) -> Any:
    """Say which step a moment is in, as a person with a calendar and a stopwatch would."""
    if period.step is Step.HOUR:
        return (moment.astimezone(UTC) - period.start.astimezone(UTC)) // timedelta(hours=1)
    local = moment.astimezone(period.zone)
    return local.date() if period.step is Step.DAY else (local.year, local.month)
