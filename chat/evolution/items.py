"""What goes into a stream and what comes out of it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec

DeltaKind: TypeAlias = Literal["content", "reasoning"]


@dataclass(frozen=True)
class ChatRequest:
    """One question to a model; what is None is left to the model.

    `messages` are `{"role": …, "content": …}`. `max_tokens` limits the answer, reasoning included.
    `partial` is the text of an answer to these messages that is to be continued: the stream gives
    only what comes after it.
    """

    model: str
    messages: list[dict[str, str]]
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: list[str] | None = None
    partial: str | None = None


class Delta(msgspec.Struct, frozen=True):
    """A piece of the answer: one run of one kind, out of one read of the network.

    `chunks` is the number of non-empty provider chunks that went into it (0 when a chunk held
    both kinds and was counted with the first).
    """

    kind: DeltaKind
    text: str
    chunks: int


class Usage(msgspec.Struct, frozen=True):
    """The provider's own count of tokens for the whole request.

    `reasoning_tokens` are those of the `output_tokens` that were reasoning, if it says so.
    """

    input_tokens: int
    output_tokens: int
    reasoning_tokens: int | None = None


class Finish(msgspec.Struct, frozen=True):
    """The end of a successful stream; `reason` is the provider's literal, as stop or length."""

    reason: str


class Retrying(msgspec.Struct, frozen=True):
    """An attempt has failed before its first delta; the next one starts after `delay_ms`.

    `attempt` counts the waits, from 1; `code` is the failure's `ProviderError.code`.
    """

    attempt: int
    delay_ms: int
    code: str


StreamItem: TypeAlias = Delta | Usage | Finish | Retrying
