"""What a request asks for: an answer to a prompt, or the rest of one that was begun. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

Message = dict[str, Any]

# How the request of a client that asks in words to go on begins.
IN_WORDS = "Continue your "


class Asked(msgspec.Struct, frozen=True):
    """The user message to answer, and the text of its answer so far.

    `behind_prefix` is true when that text is the request's last message.
    """

    prompt: str
    so_far: str = ""
    behind_prefix: bool = False


def read(body: dict[str, Any]) -> Asked:
    """Return what the decoded request `body` asks for."""
    messages: list[Message] = body.get("messages") or []
    if _role(messages, -1) == "assistant":
        return Asked(_last_prompt(messages[:-1]), _text(messages[-1]), behind_prefix=True)
    prompt = _last_prompt(messages)
    if prompt.startswith(IN_WORDS) and _role(messages, -2) == "assistant":
        return Asked(_last_prompt(messages[:-2]), _text(messages[-2]))
    return Asked(prompt)


def _last_prompt(messages: list[Message]) -> str:
    prompts = (_text(message) for message in reversed(messages) if message.get("role") == "user")
    return next(prompts, "")


def _role(messages: list[Message], index: int) -> str | None:
    return messages[index].get("role") if len(messages) >= -index else None


def _text(message: Message) -> str:
    return str(message.get("content") or "")
