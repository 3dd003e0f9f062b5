"""Periods and the steps they are cut into, in the site's time zone. Pure: the clock is passed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from functools import cached_property

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# Years that a zone's rules and both databases can be asked about, whatever a URL says.
FIRST_YEAR, LAST_YEAR = 2000, 2100


class Step(StrEnum):
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


# More points than these can be told apart neither on a chart nor in a table.
MOST_DAYS = {Step.HOUR: 31, Step.DAY: 366, Step.MONTH: 3660}


class PeriodError(ValueError):
    """A period that cannot be shown. `reason`: `order`, `years` or `long`; `most_days` belongs to the latter."""

    def __init__(self, reason: str, most_days: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.most_days = most_days


@dataclass(frozen=True)
class Period:
    """From `start` to before `end`, both on a border of the step and in `zone`."""

    start: datetime
    end: datetime
    step: Step
    zone: tzinfo

    @cached_property
    def starts(self) -> list[datetime]:
        """List the beginning of each step. A day of a clock change has 23 or 25 hours, each its own."""
        found, end = [self.start], self.end.astimezone(UTC)
        # Compared in UTC: in a zone of its own a time that comes twice is no later the second time.
        while (following := _NEXT[self.step](found[-1], self.zone)).astimezone(UTC) < end:
            found.append(following)
        return found

    @property
    def hours_zone(self) -> timezone:
        """Give the offset that hours are cut by: one, so that an hour that comes twice stays two."""
        return timezone(self.start.utcoffset() or timedelta())


def last(name: str, now: datetime, zone: tzinfo, step: Step | None = None) -> Period:
    """Give a period of `LASTS` that ends with the hour, day or month that `now` is in.

    Whole steps alone: the first one shown is as long as the others. Raises `PeriodError` if `step` is too fine.
    """
    own_step, first = LASTS[name]
    begun = _FLOOR[own_step](now.astimezone(zone), zone)
    end = _NEXT[own_step](begun, zone)
    return _checked(Period(first(begun, zone), end, step or own_step, zone))


def between(first: date, final: date, zone: tzinfo, step: Step | None = None) -> Period:
    """Give the days from `first` to `final`, both included. Raises `PeriodError`."""
    if first > final:
        raise PeriodError("order")
    if first.year < FIRST_YEAR or final.year > LAST_YEAR:
        raise PeriodError("years")
    days = (final - first).days + 1
    chosen = step or _fitting(days)
    return _checked(Period(_midnight(first, zone), _midnight(final + DAY, zone), chosen, zone))


def _fitting(days: int) -> Step:
    if days <= 2:
        return Step.HOUR
    return Step.DAY if days <= 92 else Step.MONTH


def _checked(period: Period) -> Period:
    days = (period.end.replace(tzinfo=None) - period.start.replace(tzinfo=None)).days
    if days > MOST_DAYS[period.step]:
        raise PeriodError("long", MOST_DAYS[period.step])
    return period


def _midnight(day: date, zone: tzinfo) -> datetime:
    # By way of UTC: where the clocks change at midnight that moment is read as the hour it became.
    return datetime.combine(day, time(), zone).astimezone(UTC).astimezone(zone)


def _hour_of(moment: datetime, zone: tzinfo) -> datetime:
    passed = timedelta(
        minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond
    )
    return (moment.astimezone(UTC) - passed).astimezone(zone)


def _next_hour(start: datetime, zone: tzinfo) -> datetime:
    return (start.astimezone(UTC) + HOUR).astimezone(zone)


def _next_day(start: datetime, zone: tzinfo) -> datetime:
    return _midnight(start.date() + DAY, zone)


def _next_month(start: datetime, zone: tzinfo) -> datetime:
    return _midnight(_month_from(start.date(), 1), zone)


def _month_from(day: date, months: int) -> date:
    """Give the first of the month that is so many months after that of `day`."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, 1)


_NEXT: dict[Step, Callable[[datetime, tzinfo], datetime]] = {
    Step.HOUR: _next_hour,
    Step.DAY: _next_day,
    Step.MONTH: _next_month,
}
_FLOOR: dict[Step, Callable[[datetime, tzinfo], datetime]] = {
    Step.HOUR: _hour_of,
    Step.DAY: lambda moment, zone: _midnight(moment.date(), zone),
    Step.MONTH: lambda moment, zone: _midnight(_month_from(moment.date(), 0), zone),
}
# What each is cut into, and where it begins, told the beginning of the step that is now.
LASTS: dict[str, tuple[Step, Callable[[datetime, tzinfo], datetime]]] = {
    "24h": (Step.HOUR, lambda now, zone: (now.astimezone(UTC) - 23 * HOUR).astimezone(zone)),
    "7d": (Step.DAY, lambda now, zone: _midnight(now.date() - 6 * DAY, zone)),
    "30d": (Step.DAY, lambda now, zone: _midnight(now.date() - 29 * DAY, zone)),
    "12m": (Step.MONTH, lambda now, zone: _midnight(_month_from(now.date(), -11), zone)),
}
