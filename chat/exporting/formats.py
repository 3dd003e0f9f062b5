"""Rows as text: CSV for spreadsheets (RFC 4180), JSON Lines for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from chat.models import FileFormat

# Excel reads UTF-8 as such only after this.
BYTE_ORDER_MARK = "\ufeff"
# What a spreadsheet takes for a formula (OWASP, "CSV Injection"); the wide ones are those of Japanese keyboards.
FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_encoder = msgspec.json.Encoder(uuid_format="canonical", decimal_format="number")


class Format(Protocol):
    """How a file of one format begins, goes on and ends."""

    ending: str
    content_type: str

    def opening(self, columns: Iterable[str]) -> str: ...

    def lines(self, rows: Iterable[Any]) -> str: ...

    def closing(self, rows: int) -> str: ...


class CsvFormat:
    """A line of names, then one for each row. It has no mark at its end: spreadsheets would show it."""

    ending = "csv"
    content_type = "text/csv; charset=utf-8"

    def opening(self, columns: Iterable[str]) -> str:
        return BYTE_ORDER_MARK + _csv([list(columns)])

    def lines(self, rows: Iterable[Any]) -> str:
        return _csv([_cell(value) for value in _values(row)] for row in rows)

    def closing(self, rows: int) -> str:
        return ""


class JsonLinesFormat:
    """One object a line; the last says that the file is whole, and how many there were before it."""

    ending = "jsonl"
    content_type = "application/jsonl; charset=utf-8"

    def opening(self, columns: Iterable[str]) -> str:
        return ""

    def lines(self, rows: Iterable[Any]) -> str:
        return "".join(f"{as_json(row)}\n" for row in rows)

    def closing(self, rows: int) -> str:
        return f"{as_json({'end': True, 'rows': rows})}\n"


FORMATS: dict[str, Format] = {FileFormat.CSV: CsvFormat(), FileFormat.JSONL: JsonLinesFormat()}


def as_json(value: Any) -> str:
    return _encoder.encode(value).decode()


def _csv(rows: Iterable[list[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _values(row: Any) -> Iterable[Any]:
    plain = msgspec.to_builtins(row, builtin_types=(Decimal,))
    values: Iterable[Any] = plain.values()
    return values


def _cell(value: Any) -> Any:
    """Write a value for a spreadsheet: numbers as numbers, and no text as a formula."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return as_json(value) if value else ""
    if isinstance(value, str) and value.startswith(FORMULA_BEGINNINGS):
        return f"'{value}"
    return value
