"""From a request to the text of its answer, chunk by chunk. Pure: no clock, no socket."""

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from scripted_evolution.asked import Asked, read
from scripted_evolution.directives import Directive, parse
from scripted_evolution.greeting import greeting

Kind = Literal["content", "reasoning"]
Piece = tuple[Kind, str]

THINK_CHUNKS_DEFAULT = 5
# "w0001 "
WORD_CHARS = 6


class Script(msgspec.Struct):
    """An answer to play: its pieces in order, why it ends, and its numbers."""

    directive: Directive
    prompt: str
    pieces: Iterable[Piece]
    finish_reason: str
    input_tokens: int


def write(body: dict[str, Any]) -> Script:
    """Return the script that answers the decoded request `body`.

    Raises `BadDirectiveError` from the prompt's directive.
    """
    asked = read(body)
    found, rest = parse(asked.prompt)
    if asked.so_far:
        found = _for_the_rest(found, asked)
    directive = found or Directive()
    if directive.fault == "endless":
        return Script(directive, rest, _endless(), "stop", _words(body))
    text = _behind(asked.so_far, _pieces(found, rest), directive.again)
    pieces, finish = _limited(text, body)
    return Script(directive, rest, pieces, directive.finish or finish, _words(body))


def _for_the_rest(found: Directive | None, asked: Asked) -> Directive | None:
    """Return the directive for the rest of an answer: nothing goes wrong, and words are left."""
    if found is None or (asked.behind_prefix and not found.prefix):
        return found
    said = len(asked.so_far) // WORD_CHARS
    enough = said < found.chunks and found.fault != "endless"
    chunks = found.chunks if enough else said + found.chunks
    return msgspec.structs.replace(
        found, chunks=chunks, status=None, fault=None, hold=None, finish=None
    )


def _behind(so_far: str, pieces: list[Piece], again: int) -> list[Piece]:
    """Leave out what `so_far` says already, but for its last `again` characters."""
    text = "".join(text for kind, text in pieces if kind == "content")
    if not so_far or not text.startswith(so_far):
        return pieces
    return list(_from(pieces, max(0, len(so_far) - again)))


def _from(pieces: list[Piece], chars: int) -> Iterator[Piece]:
    for kind, text in pieces:
        if kind == "reasoning" or len(text) > chars:
            yield kind, text if kind == "reasoning" else text[chars:]
        if kind == "content":
            chars = max(0, chars - len(text))


def _pieces(directive: Directive | None, prompt: str) -> list[Piece]:
    if directive is None:
        return [("content", word) for word in _split(greeting(prompt))]
    text = _split(prompt) if directive.echo else [f"w{n:04} " for n in _numbers(directive.chunks)]
    content: list[Piece] = [("content", word) for word in text]
    return _thoughts(directive) + content


def _thoughts(directive: Directive) -> list[Piece]:
    if not directive.think:
        return [("reasoning", f"r{n:04} ") for n in _numbers(directive.reasoning)]
    words = [f"r{n:04} " for n in _numbers(directive.reasoning or THINK_CHUNKS_DEFAULT)]
    # Both tags are split over two chunks, as a tokenizer does.
    return [("content", text) for text in ["<th", "ink>", *words, "</thi", "nk>\n\n"]]


def _limited(pieces: list[Piece], body: dict[str, Any]) -> tuple[list[Piece], str]:
    """Apply the request's stop sequences, then its max_tokens (a chunk counts as a token)."""
    pieces = _stopped(pieces, _stops(body))
    limit = body.get("max_tokens") or body.get("max_completion_tokens")
    if limit is not None and len(pieces) > limit:
        return pieces[:limit], "length"
    return pieces, "stop"


def _stops(body: dict[str, Any]) -> list[str]:
    stop = body.get("stop") or []
    return [stop] if isinstance(stop, str) else list(stop)


def _stopped(pieces: list[Piece], stops: list[str]) -> list[Piece]:
    text = "".join(text for kind, text in pieces if kind == "content")
    found = [at for at in map(text.find, stops) if at >= 0]
    return list(_up_to(pieces, min(found))) if found else pieces


def _up_to(pieces: list[Piece], chars: int) -> Iterator[Piece]:
    for kind, text in pieces:
        if kind == "reasoning":
            yield kind, text
        elif chars > 0:
            yield kind, text[:chars]
            chars -= len(text)


def _numbers(count: int) -> range:
    return range(1, count + 1)


def _endless() -> Iterator[Piece]:
    return (("content", f"w{n:04} ") for n in itertools.count(1))


def _split(text: str) -> list[str]:
    """Return words, each with the white space before it: joined, they are `text` again."""
    return re.findall(r"\s+\S*|\S+", text)


def _words(body: dict[str, Any]) -> int:
    return sum(len(str(message.get("content")).split()) for message in body.get("messages") or [])
