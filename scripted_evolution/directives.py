"""The directive `[[key=value …]]` of a prompt, as a typed value."""

import re
from typing import Literal, get_args

import msgspec

Fault = Literal[
    "comments",
    "crlf",
    "done_without_finish",
    "dribble",
    "empty_choices",
    "endless",
    "eof",
    "error_event",
    "garbage",
    "half_line",
    "html_200",
    "huge_line",
    "json_200",
    "never",
    "nul",
    "other_choice",
    "null_choices",
    "null_content",
    "null_delta",
    "reset",
    "surrogate",
]
FAULTS: tuple[str, ...] = get_args(Fault)

_DIRECTIVE = re.compile(r"\[\[((?:\s*\w+=[^\s\]]+)+)\s*\]\]")


class BadDirectiveError(ValueError):
    """The directive names an unknown key or a value of the wrong type."""


class Directive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one answer is asked to be; `docs/scripted-evolution.md` explains every key."""

    chunks: int = 40
    rate: float = 20.0
    first: float = 0.0
    hold: int | None = None
    reasoning: int = 0
    think: bool = False
    echo: bool = False
    text: Literal["words", "time"] = "words"
    finish: Literal["stop", "length"] | None = None
    usage: bool = True
    usage_each: bool = False
    prefix: bool = True
    again: int = 0
    quote: bool = False
    status: int | None = None
    times: int | None = None
    retry_after: float | None = None
    code: str | None = None
    shape: Literal["openai", "flat", "detail", "text", "html"] = "openai"
    fault: Fault | None = None
    at: int | None = None


def parse(text: str) -> tuple[Directive | None, str]:
    """Return the directive in `text` (None without one) and the text without it.

    Raises `BadDirectiveError` when a key or a value is not one we know, so that a typing error in a
    test is loud.
    """
    match = _DIRECTIVE.search(text)
    if match is None:
        return None, text
    rest = (text[: match.start()] + text[match.end() :]).strip()
    return _typed(dict(pair.split("=", 1) for pair in match[1].split())), rest


def _typed(values: dict[str, str]) -> Directive:
    try:
        return msgspec.convert(values, Directive, strict=False)
    except msgspec.ValidationError as error:
        raise BadDirectiveError(str(error)) from None
