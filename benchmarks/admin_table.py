"""The table of the admin's lists: what was asked, beside each other how long each list took, and by which indexes."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.table import aligned

# An operator finds any conversation in seconds.
TARGET_MS = 1_000
NAMES = {
    "conversation": "conversations",
    "message": "messages",
    "generation": "generations",
    "review": "reviews",
    "access": "access log",
}
TARGET = f"p95 under {TARGET_MS:,} ms, rows found, no big table read whole"


@dataclass(frozen=True)
class Timed:
    """One page: milliseconds, how many rows it shows or why none, and how they were found."""

    which: str
    narrowed: str
    median: float
    p95: float
    shown: str
    indexes: list[str]
    whole: list[str]

    @property
    def is_reached(self) -> bool:
        return self.p95 < TARGET_MS and self.shown.isdigit() and not self.whole

    @property
    def cell(self) -> str:
        whole = f", reads {' and '.join(self.whole)} whole" if self.whole else ""
        trouble = "" if self.shown.isdigit() else f", {self.shown}"
        return f"{self.median:.0f} / {self.p95:.0f}{whole}{trouble}"

    @property
    def line(self) -> str:
        found = ", ".join(self.indexes) or "primary key"
        return f"{self.which}: {self.narrowed}: {self.cell}, {self.shown} rows by {found}"


def compared(pages: list[Timed]) -> str:
    """Return a Markdown table with a row for what was asked and a column for each list."""
    lists = list(dict.fromkeys(page.which for page in pages))
    asked = list(dict.fromkeys(page.narrowed for page in pages))
    by_name = {(page.which, page.narrowed): page for page in pages}
    lines = [("narrowed down to", *(NAMES.get(name, name) for name in lists))]
    for narrowed in asked:
        found = (by_name.get((name, narrowed)) for name in lists)
        lines.append((narrowed, *(page.cell if page else "" for page in found)))
    return aligned(lines)
