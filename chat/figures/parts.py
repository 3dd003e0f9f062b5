"""Counts of the smallest parts, and what any of them come to together.

One statement counts for the whole period, each step and each model: what can be added up is added up here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from chat.figures.shapes import Numbers
from chat.models import Status
from chat.models.generation import LIVE

# As exact as costs are stored.
EXACT = Decimal("0.000001")


class Part(NamedTuple):
    """The generations of one step, model, status and error code. `priced`: how many of them have a cost."""

    step: datetime | date
    model: str
    status: str
    code: str
    generations: int
    read: int
    written: int
    estimated: int
    cost: Decimal
    priced: int

    @property
    def is_live(self) -> bool:
        return self.status in LIVE


def together(parts: Iterable[Part], beside: Mapping[str, Any]) -> Numbers:
    """Add parts up. `beside` is what cannot be added: users and spreads."""
    parts = list(parts)
    of: Counter[str] = Counter()
    for part in parts:
        of[part.status] += part.generations
    return Numbers(
        generations=of.total(),
        completed=of[Status.COMPLETED],
        failed=of[Status.FAILED],
        cancelled=of[Status.CANCELLED],
        interrupted=of[Status.INTERRUPTED],
        live=sum(of[status] for status in LIVE),
        input_tokens=sum(part.read for part in parts),
        output_tokens=sum(part.written for part in parts),
        estimated=sum(part.estimated for part in parts),
        cost=sum((part.cost for part in parts), Decimal()).quantize(EXACT),
        unpriced=sum(part.generations - part.priced for part in parts if not part.is_live),
        **beside,
    )


def by(name: str, parts: Iterable[Part]) -> dict[Any, list[Part]]:
    """Group parts by one of their fields."""
    groups: dict[Any, list[Part]] = defaultdict(list)
    for part in parts:
        groups[getattr(part, name)].append(part)
    return groups


def errors(parts: Iterable[Part]) -> list[tuple[str, int]]:
    """Count the failed by their code, the most frequent first."""
    count: Counter[str] = Counter()
    for part in parts:
        if part.status == Status.FAILED:
            count[part.code] += part.generations
    return sorted(count.items(), key=lambda code: (-code[1], code[0]))
