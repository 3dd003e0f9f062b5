"""What is taken out, in pieces: some hundred rows each, read when the piece before has left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from chat.exporting.formats import FORMATS
from chat.exporting.keys import pages_of_keys
from chat.exporting.kinds import KINDS, May
from chat.exporting.nested import Part, parts_of
from chat.exporting.rows import Words
from chat.models import Conversation, FileFormat, Record

ROWS_AT_ONCE = 200
# Characters that leave together, unless a single row has more.
PIECE_CHARS = 64 * 1024


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
        for piece in self._whole() if self._is_nested() else self._flat():
            rows += piece.rows
            yield piece
        yield Piece(text.closing(rows), 0, [])

    def _is_nested(self) -> bool:
        is_json = self.format == FileFormat.JSONL
        return is_json and self.what == Record.CONVERSATION and self.may.messages

    def _flat(self) -> Iterator[Piece]:
        lines, read = FORMATS[self.format].lines, KINDS[self.what].read
        for keys in self._keys():
            rows, conversations = read(keys, self.words, self.may)
            yield Piece(lines(rows), len(rows), conversations)

    def _whole(self) -> Iterator[Piece]:
        """Gather the lines of short conversations into one piece, part those of long ones."""
        gathered, shown, ended = "", dict[Any, Conversation](), 0
        for part in self._parts():
            gathered += part.text
            shown[part.conversation.pk] = part.conversation
            ended += part.is_end
            if len(gathered) >= PIECE_CHARS:
                yield Piece(gathered, ended, [*shown.values()])
                gathered, shown, ended = "", {}, 0
        yield Piece(gathered, ended, [*shown.values()])

    def _parts(self) -> Iterator[Part]:
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
