"""The table of results."""

from collections.abc import Sequence
from dataclasses import dataclass

VERDICTS = {True: "reached", False: "MISSED", None: ""}
HEAD = ("what", "target", "measured", "verdict")


@dataclass(frozen=True)
class Row:
    """One number: what was wanted, what was found, and whether that is good enough.

    With `is_reached` None there was no target: it is told beside another.
    """

    what: str
    target: str
    measured: str
    is_reached: bool | None = None

    @property
    def cells(self) -> tuple[str, str, str, str]:
        return self.what, self.target, self.measured, VERDICTS[self.is_reached]


def rendered(rows: list[Row]) -> str:
    """Return the rows as a Markdown table with aligned columns."""
    return aligned([HEAD, *(row.cells for row in rows)])


def aligned(lines: Sequence[tuple[str, ...]]) -> str:
    """Return lines of cells as a Markdown table, the first as its head."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = tuple("-" * width for width in widths)
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in (lines[0], rule, *lines[1:])
    )
