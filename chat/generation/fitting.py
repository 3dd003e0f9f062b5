"""Leave out the oldest turns of a conversation that does not fit the model's context. Pure."""

from __future__ import annotations

from chat.generation.tokens import estimated_tokens

Messages = list[dict[str, str]]

# Role and separators of one message.
MESSAGE_OVERHEAD_TOKENS = 6
# An estimate may be low: this much of the context stays free of prompts besides the answer's share.
MARGIN = 0.1
ANSWER_TOKENS = 1024
ANSWER_SHARE_MAX = 0.25


def fit(
    messages: Messages, context_tokens: int | None, answer_tokens: int | None
) -> tuple[Messages, int]:
    """Return the messages to send and how many of the oldest were left out.

    The system prompt and the last prompt (with the answer begun after it) always stay, and what stays
    begins with a prompt. `context_tokens` None: the length is not known, everything is sent.
    """
    if context_tokens is None:
        return messages, 0
    room = prompt_room(context_tokens, answer_tokens)
    system = [message for message in messages if message["role"] == "system"]
    turns = [message for message in messages if message["role"] != "system"]
    start = 0
    while start < _last_prompt(turns) and _tokens(system + turns[start:]) > room:
        start = _next_prompt(turns, start + 1)
    return system + turns[start:], start


def prompt_room(context_tokens: int, answer_tokens: int | None) -> int:
    """Return how many tokens of the context the prompt may take, beside the answer."""
    usual = min(ANSWER_TOKENS, int(context_tokens * ANSWER_SHARE_MAX))
    answer = usual if answer_tokens is None else answer_tokens
    return max(0, int(context_tokens * (1 - MARGIN)) - answer)


def _tokens(messages: Messages) -> int:
    return sum(estimated_tokens(m["content"]) + MESSAGE_OVERHEAD_TOKENS for m in messages)


def _last_prompt(turns: Messages) -> int:
    prompts = [number for number, turn in enumerate(turns) if turn["role"] == "user"]
    return prompts[-1] if prompts else 0


def _next_prompt(turns: Messages, start: int) -> int:
    found = (number for number in range(start, len(turns)) if turns[number]["role"] == "user")
    return next(found, len(turns))
