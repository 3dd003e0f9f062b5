"""What a conversation is called before anybody has named it: the first words of its first prompt. Pure."""

import re

from chat.protocol import TITLE_MAX_CHARS

SHOWN_CHARS = 60
# Of a long prompt no more than this can reach the title.
LOOKED_AT_CHARS = 1000
# Fences of code, and what begins a heading, a quotation or an entry of a list.
_BEGINNINGS = re.compile(
    r"^[ \t]*(?:```.*|~~~.*|(?:(?:#{1,6}|[>*+-]|\d{1,3}[.)])[ \t]+)+)", re.MULTILINE
)
_EMPHASIS = re.compile(r"(\*{1,3}|__|`+)(?=[^\s*_`])(.+?)(?<=[^\s*_`])\1")
# They turn around what comes after them, wherever a title is shown (https://www.unicode.org/reports/tr9/#Explicit_Directional_Embeddings).
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def title_of(content: str) -> str:
    """Name a conversation after the first words of its first prompt, without the marks of Markdown."""
    beginning = _DIRECTIONS.sub("", content[:LOOKED_AT_CHARS])
    plain = _EMPHASIS.sub(r"\2", _BEGINNINGS.sub("", beginning))
    # Of nothing but marks these are the words.
    words = " ".join(plain.split()) or " ".join(content[:LOOKED_AT_CHARS].split())
    if len(words) <= SHOWN_CHARS:
        return words[:TITLE_MAX_CHARS]
    return words[:SHOWN_CHARS].rsplit(" ", 1)[0] + "…"
