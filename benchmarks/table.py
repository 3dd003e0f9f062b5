"""The table of results."""

from dataclasses import dataclass

HEAD = ("what", "target", "measured", "verdict")


@dataclass(frozen=True)
class Row:
    """One number: what was wanted, what was found, and whether that is good enough."""

    what: str
    target: str
    measured: str
    is_reached: bool

    @property
    def cells(self) -> tuple[str, str, str, str]:
        return self.what, self.target, self.measured, "reached" if self.is_reached else "MISSED"


def rendered(rows: list[Row]) -> str:
    """Return the rows as a Markdown table with aligned columns."""
    lines = [HEAD, *(row.cells for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = tuple("-" * width for width in widths)
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in (lines[0], rule, *lines[1:])
    )
