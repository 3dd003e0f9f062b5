"""What is taken out, in pieces: some hundred rows each, read when the piece before has left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any, NamedTuple

from django.db.models import QuerySet

from chat.exporting.formats import FORMATS
from chat.exporting.keys import pages_of_keys
from chat.exporting.kinds import KINDS, May
from chat.exporting.nested import Part, parts_of
from chat.exporting.rows import Words
from chat.models import Conversation, FileFormat, Record

ROWS_AT_ONCE = 200
# Characters that leave together, unless a single message has more: over the slowest link in a minute (LOST_AFTER).
PIECE_CHARS = 96 * 1024


class Piece(NamedTuple):
    """A part of the file, how many rows end in it, and which conversations it shows."""

    text: str
    rows: int
    conversations: list[Conversation]


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a file is made of. `found`: the rows of a list; what was written after `until` is left out."""

    what: str
    format: str
    found: QuerySet
    until: datetime
    words: Words
    may: May

    def pieces(self) -> Iterator[Piece]:
        """Read piece after piece. Between two of them no transaction is open and no row held."""
        text = FORMATS[self.format]
        yield Piece(text.opening(KINDS[self.what].row.__struct_fields__), 0, [])
        rows = 0
        for piece in _gathered(self._whole() if self._is_nested() else self._flat()):
            rows += piece.rows
            yield piece
        yield Piece(text.closing(rows), 0, [])

    def _is_nested(self) -> bool:
        is_json = self.format == FileFormat.JSONL
        return is_json and self.what == Record.CONVERSATION and self.may.messages

    def _flat(self) -> Iterator[Part]:
        lines, read = FORMATS[self.format].lines, KINDS[self.what].read
        for keys in self._keys():
            rows, conversations = read(keys, self.words, self.may)
            for row, conversation in zip_longest(rows, conversations):
                yield Part(conversation, lines([row]), is_end=True)

    def _whole(self) -> Iterator[Part]:
        for keys in self._keys():
            there = Conversation.objects.select_related("owner").in_bulk(keys)
            yield from parts_of(
                [there[key] for key in keys if key in there],
                self.words,
                self.until,
                with_generations=self.may.generations,
            )

    def _keys(self) -> Iterator[list[Any]]:
        kind = KINDS[self.what]
        written = self.found.filter(**{f"{kind.written}__lte": self.until})
        for keys in pages_of_keys(written, kind.order):
            for start in range(0, len(keys), ROWS_AT_ONCE):
                yield keys[start : start + ROWS_AT_ONCE]


def _gathered(parts: Iterator[Part]) -> Iterator[Piece]:
    """Gather parts into pieces: short rows many into one, a long conversation into several."""
    text, shown, ended = "", dict[Any, Conversation](), 0
    for part in parts:
        text += part.text
        ended += part.is_end
        if part.conversation is not None:
            shown[part.conversation.pk] = part.conversation
        if len(text) >= PIECE_CHARS:
            yield Piece(text, ended, [*shown.values()])
            text, shown, ended = "", {}, 0
    yield Piece(text, ended, [*shown.values()])
