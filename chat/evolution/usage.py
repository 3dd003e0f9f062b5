"""The provider's numbers of tokens, in whatever shape they come."""

from typing import Any

from chat.evolution.items import Usage


def usage_of(value: Any) -> Usage | None:
    """Return the usage in `value`, the `usage` of a chunk; None when it holds no number."""
    if not isinstance(value, dict):
        return None
    given, written = _tokens(value, "prompt_tokens"), _tokens(value, "completion_tokens")
    if given is None and written is None:
        return None
    details = value.get("completion_tokens_details")
    return Usage(given or 0, written or 0, _tokens(details, "reasoning_tokens"))


def _tokens(numbers: Any, name: str) -> int | None:
    try:
        return max(0, int(numbers[name]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
