"""What the database counts is what counting by hand gives, on SQLite and PostgreSQL, at every edge of a period."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from chat.figures import MOST_ROWS, Figures, Numbers, Period, Step, Which, between, figures, last
from chat.models import Generation
from tests.figures.by_hand import counted, grouped, in_period, step_of
from tests.figures.some_record import MODELS, people, some_generations

pytestmark = pytest.mark.usefixtures("either_database")

BERLIN, KOLKATA = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
# Its clocks once changed at midnight, so that a day had no first hour.
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
PERIODS = {
    "spring-hours": between(date(2026, 3, 28), date(2026, 3, 30), BERLIN, Step.HOUR),
    "autumn-hours": between(date(2026, 10, 24), date(2026, 10, 26), BERLIN, Step.HOUR),
    "half-hour-zone": between(date(2026, 5, 1), date(2026, 5, 2), KOLKATA, Step.HOUR),
    "spring-days": between(date(2026, 3, 20), date(2026, 4, 5), BERLIN, Step.DAY),
    "no-midnight": between(date(2018, 11, 1), date(2018, 11, 8), SAO_PAULO, Step.DAY),
    "months": between(date(2023, 11, 15), date(2024, 4, 14), BERLIN, Step.MONTH),
    "last-24-hours": last("24h", datetime(2026, 10, 25, 12, 40, tzinfo=UTC), BERLIN),
    # In the hour that comes twice, for the second time.
    "last-twice": last("24h", datetime(2026, 10, 25, 1, 10, tzinfo=UTC), BERLIN),
    "last-12-months": last("12m", datetime(2026, 3, 31, 23, 59, tzinfo=UTC), BERLIN),
}


def moments(period: Period, chance: Random) -> list[datetime]:
    """Give moments all over the period and around it, and at each side of each of its borders, in UTC."""
    borders = [border.astimezone(UTC) for border in (*period.starts, period.end)]
    beside = [border + timedelta(microseconds=by) for border in borders for by in (-1, 0, 1)]
    span = (borders[-1] - borders[0]) * 1.2
    return [*beside, *(borders[0] + span * (chance.random() - 0.1) for _ in range(150))]


def as_counted(numbers: Numbers) -> dict[str, Any]:
    names = (*Numbers.__slots__, "cancel_rate", "error_rate")
    said = {name: getattr(numbers, name) for name in names}
    for name in ("ttft", "queue", "speed"):
        found = said[name]
        said[name] = pytest.approx((found.p50, found.p95), rel=1e-12) if found else None
    return said


def assert_counted(found: Figures, rows: list[Generation]) -> None:
    period = found.period
    rows = in_period(rows, period)
    assert as_counted(found.total) == counted(rows)
    steps = grouped(rows, lambda row: step_of(row.created_at, period))
    for point in found.points:
        own = steps.pop(step_of(point.start, period), [])
        assert as_counted(point.numbers) == counted(own), point.start
    assert steps == {}, "some are in no step of the period"
    models = {row.name: as_counted(row.numbers) for row in found.models}
    assert models == {k: counted(v) for k, v in grouped(rows, lambda row: row.model).items()}
    spent = ("generations", "input_tokens", "output_tokens", "cost")
    assert {row.username: [getattr(row, name) for name in spent] for row in found.users} == {
        username: [counted(own)[name] for name in spent]
        for username, own in grouped(rows, lambda row: row.owner.username).items()
    }
    failed = grouped((row for row in rows if row.code), lambda row: row.code)
    assert dict(found.errors) == {code: len(own) for code, own in failed.items()}


@pytest.mark.parametrize("name", PERIODS)
def test_the_figures_are_those_of_the_record(name: str) -> None:
    period = PERIODS[name]
    rows = some_generations(7, people(), moments(period, Random(name)))

    assert len(in_period(rows, period)) < len(rows)
    assert_counted(figures(period), rows)


def test_of_one_model_and_of_one_user() -> None:
    period = PERIODS["spring-days"]
    alice, *others = people()
    rows = some_generations(3, [alice, *others], moments(period, Random(3)))
    of_model = [row for row in rows if row.model == MODELS[1]]

    assert_counted(figures(period, Which(model=MODELS[1])), of_model)
    both = Which(MODELS[1], alice.username)
    assert_counted(figures(period, both), [row for row in of_model if row.owner_id == alice.pk])
    nobody = figures(period, Which(username="nobody"))
    assert (nobody.total, nobody.models) == (Numbers(), [])


def test_an_empty_record_has_every_step_and_no_percentile() -> None:
    found = figures(PERIODS["spring-hours"])

    assert found.total == Numbers()
    assert found.total.cancel_rate is None
    # The night of the change is an hour short.
    assert len(found.points) == 71


def test_what_has_most_tokens_comes_first_and_there_is_an_end_to_it() -> None:
    period = PERIODS["months"]
    owners = people(MOST_ROWS + 5)
    rows = some_generations(1, owners, [period.start] * 4 * len(owners))
    tokens = [row.tokens for row in figures(period).users]
    all_of_them = grouped(rows, lambda row: row.owner_id).values()

    sums = (counted(own) for own in all_of_them)
    most = sorted((one["input_tokens"] + one["output_tokens"] for one in sums), reverse=True)
    assert tokens == most[:MOST_ROWS]


@pytest.mark.parametrize("step", Step)
def test_the_number_of_statements_is_that_of_what_cannot_be_added_up(
    step: Step, django_assert_num_queries: Any
) -> None:
    period = between(date(2026, 5, 1), date(2026, 5, 5), BERLIN, step)
    some_generations(2, people(), moments(period, Random(2)))

    # Parts; users and spreads of all, of each step and of each model; users. Two more begin and end the moment.
    with django_assert_num_queries(6 if connection.in_atomic_block else 8):
        figures(period)
