"""Figures as charts, each of them a table too: the page draws the chart from its table, so both say the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from chat.admin.figures_cells import Cell, cost_of, count_of, say_ms, share_of, spread_of
from chat.admin.figures_words import count, money, share, speed, step_label
from chat.admin.words import NOTHING
from chat.figures import Figures, Numbers, Spread

Words = str | Promise


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
        (_("First word after"), *_halves(total.ttft, say_ms)),
        (_("Speed"), *_halves(total.speed, speed)),
        (_("In the queue"), *_halves(total.queue, say_ms)),
        (pgettext_lazy("answers", "Stopped"), share(total.cancel_rate), count(total.cancelled)),
        (pgettext_lazy("answers", "Failed"), share(total.error_rate), count(total.failed)),
    ]


def _halves(spread: Spread | None, say: Callable[[float], str]) -> tuple[str, str]:
    if spread is None:
        return NOTHING, ""
    return say(spread.p50), _("p95: %(value)s") % {"value": say(spread.p95)}


# -- Columns ----------------------------------------------------------------------------------------


def _column(name: Words, attribute: str, *, is_drawn: bool = True) -> Column:
    return Column(name, count_of(attribute), is_drawn)


def _percentiles(
    name: str, say: Callable[[float], str], unit: float = 1, of: Words = ""
) -> list[Column]:
    names = {half: f"{of}, {half}" if of else half for half in ("p50", "p95")}
    return [Column(names[half], spread_of(name, half, say, unit)) for half in names]


# -- Over time -------------------------------------------------------------------------------------

_ANSWERS = _column(_("Answers"), "generations", is_drawn=False)
_TOKENS = [_column(_("Tokens read"), "input_tokens"), _column(_("Tokens written"), "output_tokens")]
_OUTCOMES = [
    _column(pgettext_lazy("answers", "Completed"), "completed"),
    _column(pgettext_lazy("answers", "Stopped"), "cancelled"),
    _column(pgettext_lazy("answers", "Failed"), "failed"),
    _column(pgettext_lazy("answers", "Interrupted"), "interrupted"),
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
            figures, "cost", "bars", _("Cost"), "₽", [Column(_("Cost"), cost_of)], empty=_NO_PRICES
        ),
        _timeline(
            figures,
            "ttft",
            "lines",
            _("Time to the first word"),
            seconds,
            _percentiles("ttft", say_ms, 1000),
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
            _percentiles("queue", say_ms, 1000),
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
                Column(pgettext_lazy("answers", "Stopped"), share_of("cancel_rate")),
                Column(pgettext_lazy("answers", "Failed"), share_of("error_rate")),
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

_COST = Column(_("Cost"), cost_of, is_drawn=False)


def _ranked(figures: Figures) -> list[Chart]:
    return [_by_model(figures), _by_user(figures), _by_error(figures)]


def _by_model(figures: Figures) -> Chart:
    columns = [
        *_TOKENS,
        _COST,
        _ANSWERS,
        _column(_("Users"), "users", is_drawn=False),
        *_beside(_percentiles("ttft", say_ms, of=_("First word"))),
        *_beside(_percentiles("speed", speed, of=_("Speed"))),
        *_beside(_percentiles("queue", say_ms, of=_("Queue"))),
        Column(pgettext_lazy("answers", "Stopped"), share_of("cancel_rate"), is_drawn=False),
        Column(pgettext_lazy("answers", "Failed"), share_of("error_rate"), is_drawn=False),
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
