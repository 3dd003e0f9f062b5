"""The piece of a text that is shown of a hit, with what matched in it. Pure."""

from __future__ import annotations

import re

# Around what matched in a text that a database gives back. No stored text is searched with them in it.
OPEN = "\x02"
CLOSE = "\x03"

BEFORE_CHARS = 40
EXCERPT_CHARS = 200
_SPACE = re.compile(r"\s")

Range = tuple[int, int]


def marked_ranges(marked: str) -> list[Range]:
    """Return where the marked pieces would stand in the text without the marks."""
    ranges: list[Range] = []
    at = start = 0
    for piece in re.split(f"([{OPEN}{CLOSE}])", marked):
        if piece == OPEN:
            start = at
        elif piece == CLOSE:
            ranges.append((start, at))
        else:
            at += len(piece)
    return ranges


def excerpt(text: str, ranges: list[Range]) -> tuple[str, list[Range]]:
    """Cut as `cut` does; the result's ranges count UTF-16 code units, as JavaScript does."""
    piece, inside = cut(text, ranges)
    return piece, [(_utf16(piece[:a]), _utf16(piece[:b])) for a, b in inside]


def cut(text: str, ranges: list[Range]) -> tuple[str, list[Range]]:
    """Cut the piece around the first range, on one line, and move the ranges into it."""
    first = ranges[0][0] if ranges else 0
    start = _word_start(text, max(0, first - BEFORE_CHARS), first)
    end = min(len(text), start + EXCERPT_CHARS)
    lead, tail = "…" if start else "", "…" if end < len(text) else ""
    piece = lead + _SPACE.sub(" ", text[start:end]) + tail
    shift = len(lead) - start
    return piece, [(a + shift, min(b, end) + shift) for a, b in ranges if start <= a < end]


def _word_start(text: str, at: int, limit: int) -> int:
    """Move on to the beginning of a word, if there is one before `limit`."""
    if at == 0:
        return 0
    space = _SPACE.search(text, at, limit)
    return space.end() if space else at


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
