"""The numbers and times of the figures as an operator reads them, in the reader's language."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from chat.admin.words import NOTHING
from chat.figures import Period, Step

KOPECK = Decimal("0.01")
# Between a number and its unit.
NBSP = "\N{NO-BREAK SPACE}"
_TIMES = {Step.HOUR: "j M, H:i", Step.DAY: "j M Y", Step.MONTH: "F Y"}
_LAST_MINUTE = timedelta(minutes=1)


def count(number: float | Decimal, decimals: int = 0) -> str:
    # Rounded here: Django cuts off.
    return number_format(f"{number:.{decimals}f}", decimals, force_grouping=True)


def money(roubles: Decimal) -> str:
    if 0 < roubles < KOPECK:
        return f"<{NBSP}{count(0.01, 2)}{NBSP}₽"
    return f"{count(roubles, 2)}{NBSP}₽"


def share(part: float | None) -> str:
    return NOTHING if part is None else f"{count(part * 100, 1)}{NBSP}%"


def speed(tokens: float) -> str:
    """Say a speed as exactly as the page of the chat does."""
    return _("%(count)s tokens/s") % {"count": count(tokens, 1 if tokens < 10 else 0)}


def step_label(start: datetime, period: Period) -> str:
    return date_format(start, _TIMES[period.step])


def span(period: Period) -> str:
    """Say from when to when, both still shown; by days where it is whole days."""
    until = (period.end.astimezone(UTC) - _LAST_MINUTE).astimezone(period.zone)
    whole_days = period.start.time() == period.end.time() == time()
    how = "j E Y" if whole_days else "j E Y, H:i"
    return f"{date_format(period.start, how)} – {date_format(until, how)}"
