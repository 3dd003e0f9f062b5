"""Figures for operators: what the record says of a period, counted by the database. Nothing anybody said is read."""

from chat.figures.percentiles import percentile
from chat.figures.period import LASTS, Period, PeriodError, Step, between, last
from chat.figures.read import MOST_ROWS, Which, figures
from chat.figures.shapes import Figures, Numbers, Point, Row, Spent, Spread

__all__ = [
    "LASTS",
    "MOST_ROWS",
    "Figures",
    "Numbers",
    "Period",
    "PeriodError",
    "Point",
    "Row",
    "Spent",
    "Spread",
    "Step",
    "Which",
    "between",
    "figures",
    "last",
    "percentile",
]
