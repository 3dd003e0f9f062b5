"""Count the generations that were created in a period.

What can be added up is counted once, in small parts; users and percentiles cannot, and are asked for each set of
numbers. Few statements read all of the period, each of them narrow: that is what the time goes to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DateField, F, FloatField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, TruncDay, TruncHour, TruncMonth

from chat.conversations.consistent_read import consistent_read
from chat.figures.parts import EXACT, Part, by, errors, together
from chat.figures.percentiles import Percentiles
from chat.figures.period import Period, Step
from chat.figures.shapes import Figures, Numbers, Point, Row, Spent, Spread
from chat.models import Generation

# Of models and of users those with the most tokens.
MOST_ROWS = 50

_WRITING_FROM = Coalesce(F("ttft_ms"), 0)
# As the page says it of one answer: the tokens after the first, over the time after the first.
SPEED = Case(
    When(
        output_tokens__gt=1,
        total_ms__gt=_WRITING_FROM,
        then=Cast(F("output_tokens") - 1, FloatField())
        * Value(1000.0)
        / (F("total_ms") - _WRITING_FROM),
    ),
    default=None,
    output_field=FloatField(),
)
# Named unlike the columns: what follows in a query would take one for the other.
SUMS: dict[str, Any] = {
    "generations": Count("pk"),
    "read": Coalesce(Sum("input_tokens"), 0),
    "written": Coalesce(Sum("output_tokens"), 0),
    "estimated": Count("pk", filter=Q(usage_estimated=True)),
    "roubles": Coalesce(Sum("cost"), Decimal()),
    "priced": Count("cost"),
}
USERS = {"users": Count("owner", distinct=True)}
SPREADS = {
    "ttft": Percentiles("ttft_ms"),
    "speed": Percentiles(SPEED),
    "queue": Percentiles("queue_ms"),
}


@dataclass(frozen=True, slots=True)
class Which:
    """Of which model and of whom; empty: of all."""

    model: str = ""
    username: str = ""


def figures(period: Period, which: Which | None = None) -> Figures:
    """Count what the record has of a period, at one moment. What people deleted counts until it is purged."""
    with consistent_read():
        return _figures(_created_in(period, which or Which()), period)


def _figures(found: QuerySet[Generation], period: Period) -> Figures:
    parts = _parts(found, period)
    # Apart: the users alone are read off an index.
    total = {**found.aggregate(**USERS), **found.aggregate(**SPREADS)}
    return Figures(
        period=period,
        total=together(parts, _beside(total)),
        points=_points(found, period, parts),
        models=_models(found, parts),
        users=_users(found),
        errors=errors(parts),
    )


def _created_in(period: Period, which: Which) -> QuerySet[Generation]:
    found = Generation.objects.filter(created_at__gte=period.start, created_at__lt=period.end)
    if which.model:
        found = found.filter(model=which.model)
    if which.username:
        found = found.filter(owner__username=which.username)
    return found.order_by()


def _parts(found: QuerySet[Generation], period: Period) -> list[Part]:
    fields = ("step", "model", "status", "code")
    steps = found.annotate(step=_step_of(period)).values(*fields)
    return [Part(*row) for row in steps.annotate(**SUMS).values_list(*fields, *SUMS)]


def _points(found: QuerySet[Generation], period: Period, parts: list[Part]) -> list[Point]:
    """Give each step its numbers, those in which nothing was asked too."""
    steps = found.annotate(step=_step_of(period)).values("step").annotate(**USERS, **SPREADS)
    beside = {row["step"]: _beside({**row}) for row in steps}
    numbers = {step: together(own, beside[step]) for step, own in by("step", parts).items()}
    return [Point(start, numbers.get(_cut(start, period), Numbers())) for start in period.starts]


def _step_of(period: Period) -> Any:
    if period.step is Step.HOUR:
        return TruncHour("created_at", tzinfo=period.hours_zone)
    cut = TruncDay if period.step is Step.DAY else TruncMonth
    return cut("created_at", tzinfo=period.zone, output_field=DateField())


def _cut(start: datetime, period: Period) -> datetime | date:
    """Say a step of the period as the database does."""
    if period.step is Step.HOUR:
        return start.astimezone(period.hours_zone)
    # A period may begin in the middle of a month.
    return start.date() if period.step is Step.DAY else start.date().replace(day=1)


def _models(found: QuerySet[Generation], parts: list[Part]) -> list[Row]:
    models = found.values("model").annotate(**USERS, **SPREADS)
    beside = {row["model"]: _beside({**row}) for row in models}
    rows = [Row(model, together(own, beside[model])) for model, own in by("model", parts).items()]
    rows.sort(key=lambda row: (-row.numbers.tokens, -row.numbers.generations, row.name))
    return rows[:MOST_ROWS]


def _users(found: QuerySet[Generation]) -> list[Spent]:
    # Without the types of the plugin, which does not follow names that a query gives.
    rows: Any = found.values(name=F("owner__username")).annotate(**SUMS)
    most = rows.order_by(-(F("read") + F("written")), "-generations", "name")[:MOST_ROWS]
    columns = most.values_list("name", "generations", "read", "written", "roubles")
    return [
        Spent(name, asked, read, written, cost.quantize(EXACT))
        for name, asked, read, written, cost in columns
    ]


def _beside(row: dict[str, Any]) -> dict[str, Any]:
    """Give of a row what cannot be added up, in its shape."""
    spreads = {name: Spread(*row[name]) if row[name] else None for name in SPREADS}
    return {"users": row["users"], **spreads}
