"""Cells of the tables of figures: a number as a chart draws it, and as it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from chat.admin.figures_words import count, money, share
from chat.admin.words import NOTHING, duration
from chat.figures import Numbers, Spent, Spread


class Cell(NamedTuple):
    """`value` is what a chart draws, in the chart's unit; None where there is nothing."""

    text: str
    value: float | None


def say_ms(ms: float) -> str:
    return duration(round(ms))


def count_of(name: str) -> Callable[[Numbers | Spent], Cell]:
    def cell(numbers: Numbers | Spent) -> Cell:
        value: int = getattr(numbers, name)
        return Cell(count(value), value)

    return cell


def share_of(name: str) -> Callable[[Numbers], Cell]:
    def cell(numbers: Numbers) -> Cell:
        part: float | None = getattr(numbers, name)
        return Cell(share(part), None if part is None else part * 100)

    return cell


def spread_of(
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


def cost_of(numbers: Numbers | Spent) -> Cell:
    return Cell(money(numbers.cost), float(numbers.cost))
