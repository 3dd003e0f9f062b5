"""What a person types into the search, as words: pure, and any text is a query."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

WORDS_MAX = 20

# A part is quoted or runs up to a space; a quotation mark that is still open reaches to the end.
_PART = re.compile(r'(?P<minus>-?)(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))')
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Phrases of one or more words that must stand in a text, or must not; `prefix` begins a word of it."""

    wanted: list[str] = field(default_factory=list)
    unwanted: list[str] = field(default_factory=list)
    prefix: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.wanted and not self.prefix


def parse(text: str) -> SearchQuery:
    """Read a query: words, "phrases in quotes", and -what must not be there.

    The last word is a prefix while nothing follows it: it is still being typed. Words are folded as
    the indexes are: ё as е, no case.
    """
    wanted: list[str] = []
    unwanted: list[str] = []
    prefix = ""
    for part in list(_PART.finditer(_folded(text)))[:WORDS_MAX]:
        words = _WORD.findall(part["quoted"] if part["quoted"] is not None else part["plain"])
        if not words:
            continue
        is_typed = part.end() == len(text) and part["plain"] is not None and not part["minus"]
        if is_typed and part["plain"].endswith(words[-1]):
            prefix = words.pop()
        if words:
            (unwanted if part["minus"] else wanted).append(" ".join(words[:WORDS_MAX]))
    return SearchQuery(wanted, unwanted, prefix)


def _folded(text: str) -> str:
    # Composed, so that an accent typed on its own is part of its letter; characters may become fewer.
    return unicodedata.normalize("NFC", text).lower().replace("ё", "е")
