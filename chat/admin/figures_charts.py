"""Figures as charts, each of them a table too: the page draws the chart from its table, so both say the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chat.admin.figures_words import count, money, share, speed, step_label
from chat.admin.words import NOTHING, duration
from chat.figures import Figures, Numbers, Spent, Spread

Words = str | Promise


class Cell(NamedTuple):
    """`value` is what a chart draws, in the chart's unit; None where there is nothing."""

    text: str
    value: float | None


class Column(NamedTuple):
    """One number of each row. `is_drawn`: the chart has it, not the table alone."""

    name: Words
    cell: Callable[[Any], Cell]
    is_drawn: bool = True


class Line(NamedTuple):
    """A row. `user` or `model`: what the page can show the figures of alone, by a parameter of its URL."""

    label: str
    cells: list[Cell]
    user: str = ""
    model: str = ""


class Chart(NamedTuple):
    """`kind`: `stacked` or `bars` over time, `lines`, or `ranks`, bars that lie, one for each row.

    `empty` is said when there is nothing to draw; `is_open`: the table shows without being asked for.
    """

    key: str
    kind: str
    title: Words
    unit: Words
    head: Words
    columns: list[Column]
    lines: list[Line]
    note: Words = ""
    empty: Words = ""
    is_open: bool = False

    @property
    def is_empty(self) -> bool:
        drawn = [place for place, column in enumerate(self.columns) if column.is_drawn]
        return not any(line.cells[place].value for line in self.lines for place in drawn)


def charts(figures: Figures) -> list[Chart]:
    """Give all of the page, in its order."""
    return [*_over_time(figures), *_ranked(figures)]


def summary(total: Numbers) -> list[tuple[Words, str, str]]:
    """Give the numbers of the whole period: name, value, and what else there is to say of it."""
    estimated = ngettext(
        "estimated for %(count)s answer", "estimated for %(count)s answers", total.estimated
    ) % {"count": count(total.estimated)}
    unpriced = ngettext(
        "not known for %(count)s answer", "not known for %(count)s answers", total.unpriced
    ) % {"count": count(total.unpriced)}
    return [
        (_("Answers"), count(total.generations), ""),
        (_("Active users"), count(total.users), ""),
        (_("Tokens read"), count(total.input_tokens), ""),
        (_("Tokens written"), count(total.output_tokens), estimated if total.estimated else ""),
        (_("Cost"), money(total.cost), unpriced if total.unpriced else ""),
        (_("First word after"), *_halves(total.ttft, _ms)),
        (_("Speed"), *_halves(total.speed, speed)),
        (_("In the queue"), *_halves(total.queue, _ms)),
        (_("Stopped"), share(total.cancel_rate), count(total.cancelled)),
        (_("Failed"), share(total.error_rate), count(total.failed)),
    ]


def _halves(spread: Spread | None, say: Callable[[float], str]) -> tuple[str, str]:
    if spread is None:
        return NOTHING, ""
    return say(spread.p50), _("p95: %(value)s") % {"value": say(spread.p95)}


# -- Cells -----------------------------------------------------------------------------------------


def _ms(ms: float) -> str:
    return duration(round(ms))


def _count_of(name: str) -> Callable[[Numbers | Spent], Cell]:
    def cell(numbers: Numbers | Spent) -> Cell:
        value: int = getattr(numbers, name)
        return Cell(count(value), value)

    return cell


def _share_of(name: str) -> Callable[[Numbers], Cell]:
    def cell(numbers: Numbers) -> Cell:
        part: float | None = getattr(numbers, name)
        return Cell(share(part), None if part is None else part * 100)

    return cell


def _spread_of(
    name: str, half: str, say: Callable[[float], str], unit: float
) -> Callable[[Numbers], Cell]:
    """Give one percentile, in the chart's unit: so many of the record's."""

    def cell(numbers: Numbers) -> Cell:
        spread: Spread | None = getattr(numbers, name)
        if spread is None:
            return Cell(NOTHING, None)
        value: float = getattr(spread, half)
        return Cell(say(value), value / unit)

    return cell


def _cost(numbers: Numbers | Spent) -> Cell:
    return Cell(money(numbers.cost), float(numbers.cost))


def _column(name: Words, attribute: str, *, is_drawn: bool = True) -> Column:
    return Column(name, _count_of(attribute), is_drawn)


def _percentiles(
    name: str, say: Callable[[float], str], unit: float = 1, prefix: str = ""
) -> list[Column]:
    return [Column(f"{prefix}{half}", _spread_of(name, half, say, unit)) for half in ("p50", "p95")]


# -- Over time -------------------------------------------------------------------------------------

_ANSWERS = _column(_("Answers"), "generations", is_drawn=False)
_TOKENS = [_column(_("Tokens read"), "input_tokens"), _column(_("Tokens written"), "output_tokens")]
_OUTCOMES = [
    _column(_("Completed"), "completed"),
    _column(_("Stopped"), "cancelled"),
    _column(_("Failed"), "failed"),
    _column(_("Interrupted"), "interrupted"),
    _column(_("Not ended yet"), "live"),
]
_HALF = _("p50: half were quicker. p95: one in twenty took longer.")
_NO_PRICES = _("No cost is known in this period: costs need the prices of the language models.")


def _over_time(figures: Figures) -> list[Chart]:
    seconds = _("seconds")
    timeless = _("No answer of this period has had a first word.")
    return [
        _timeline(
            figures, "answers", "stacked", _("Answers"), _("answers"), [_ANSWERS, *_OUTCOMES]
        ),
        _timeline(
            figures,
            "users",
            "bars",
            _("Active users"),
            _("users"),
            [_column(_("Users"), "users")],
            note=_("Who asked for an answer at least once."),
        ),
        _timeline(figures, "tokens", "stacked", _("Tokens"), _("tokens"), _TOKENS),
        _timeline(
            figures, "cost", "bars", _("Cost"), "₽", [Column(_("Cost"), _cost)], empty=_NO_PRICES
        ),
        _timeline(
            figures,
            "ttft",
            "lines",
            _("Time to the first word"),
            seconds,
            _percentiles("ttft", _ms, 1000),
            note=_HALF,
            empty=timeless,
        ),
        _timeline(
            figures,
            "speed",
            "lines",
            _("Speed of writing"),
            _("tokens/s"),
            _percentiles("speed", speed),
            note=_("p50: half were slower. p95: one in twenty was faster."),
            empty=timeless,
        ),
        _timeline(
            figures,
            "queue",
            "lines",
            _("Time in the queue"),
            seconds,
            _percentiles("queue", _ms, 1000),
            note=_HALF,
            empty=_("No answer of this period had to wait."),
        ),
        _timeline(
            figures,
            "rates",
            "lines",
            _("Stopped and failed"),
            "%",
            [
                Column(_("Stopped"), _share_of("cancel_rate")),
                Column(_("Failed"), _share_of("error_rate")),
            ],
            note=_("Of the answers that have ended."),
            empty=_("No answer of this period was stopped, and none failed."),
        ),
    ]


def _timeline(
    figures: Figures,
    key: str,
    kind: str,
    title: Words,
    unit: Words,
    columns: list[Column],
    note: Words = "",
    empty: Words = "",
) -> Chart:
    lines = [
        Line(
            step_label(point.start, figures.period),
            [column.cell(point.numbers) for column in columns],
        )
        for point in figures.points
    ]
    nothing = empty or _("Nothing in this period.")
    return Chart(key, kind, title, unit, _("Time"), columns, lines, note, nothing)


# -- By model, user and error ----------------------------------------------------------------------

_COST = Column(_("Cost"), _cost, is_drawn=False)


def _ranked(figures: Figures) -> list[Chart]:
    return [_by_model(figures), _by_user(figures), _by_error(figures)]


def _by_model(figures: Figures) -> Chart:
    columns = [
        *_TOKENS,
        _COST,
        _ANSWERS,
        _column(_("Users"), "users", is_drawn=False),
        *_beside(_percentiles("ttft", _ms, prefix=f"{_('First word')}, ")),
        *_beside(_percentiles("speed", speed, prefix=f"{_('Speed')}, ")),
        *_beside(_percentiles("queue", _ms, prefix=f"{_('Queue')}, ")),
        Column(_("Stopped"), _share_of("cancel_rate"), is_drawn=False),
        Column(_("Failed"), _share_of("error_rate"), is_drawn=False),
    ]
    lines = [
        Line(row.name or NOTHING, [column.cell(row.numbers) for column in columns], model=row.name)
        for row in figures.models
    ]
    return _ranking("models", _("Models"), _("Model"), columns, lines)


def _by_user(figures: Figures) -> Chart:
    columns = [*_TOKENS, _COST, _ANSWERS]
    lines = [
        Line(row.username, [column.cell(row) for column in columns], user=row.username)
        for row in figures.users
    ]
    return _ranking("who", _("Users"), _("User"), columns, lines)


def _ranking(
    key: str, title: Words, head: Words, columns: list[Column], lines: list[Line]
) -> Chart:
    note = _("Those with the most tokens come first.")
    empty = _("Nobody’s tokens are known in this period.")
    return Chart(key, "ranks", title, _("tokens"), head, columns, lines, note, empty, is_open=True)


def _by_error(figures: Figures) -> Chart:
    columns = [_column(_("Answers"), "failed")]
    lines = [Line(code, [Cell(count(number), number)]) for code, number in figures.errors]
    return Chart(
        "errors",
        "ranks",
        _("Errors by code"),
        _("answers"),
        _("Code"),
        columns,
        lines,
        _("What each code means is in docs/protocol.md."),
        _("No answer of this period failed."),
        is_open=True,
    )


def _beside(columns: list[Column]) -> list[Column]:
    return [column._replace(is_drawn=False) for column in columns]
