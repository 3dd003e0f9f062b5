"""One chunk of the provider, decoded leniently: what we do not use may be of any shape."""

import json
from typing import Any

import msgspec


class ChunkDelta(msgspec.Struct):
    """The new text of a choice. Reasoning comes under one of two names."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


class Choice(msgspec.Struct):
    """One alternative answer; we ask for one only, which is number 0."""

    index: int | None = None
    delta: ChunkDelta | None = None
    finish_reason: str | None = None


class Chunk(msgspec.Struct):
    """A `chat.completion.chunk`, or an error in its place."""

    choices: list[Choice] | None = None
    usage: Any = None
    error: Any = None


_decode = msgspec.json.Decoder(Chunk).decode


def decode_chunk(payload: bytes) -> Chunk:
    """Return the chunk in the JSON `payload`. Raises ValueError when there is none."""
    try:
        return _decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_odd(payload)


def _decode_odd(payload: bytes) -> Chunk:
    """Decode what msgspec refuses."""
    return msgspec.convert(decode_json(payload), Chunk, strict=False)


def decode_json(payload: bytes) -> Any:
    """Return the JSON value, however odd: lone surrogates and bytes that are no UTF-8 are replaced.

    Raises ValueError when it is no JSON, or nested too deeply to be anybody's answer.
    """
    try:
        return _scrubbed(json.loads(payload.decode("utf-8", "replace")))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_scrubbed(item) for item in value]
    if isinstance(value, dict):
        return {key: _scrubbed(item) for key, item in value.items()}
    return value
