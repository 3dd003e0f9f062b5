"""Secrets taken out of the words of others: a provider may quote what it was sent."""

from collections.abc import Iterable

REDACTED = "[redacted]"
# Fewer characters of a secret at the end of a text that was cut tell nothing.
CUT_SECRET_CHARS_MIN = 4


def without(text: str, secrets: Iterable[str]) -> str:
    """Return `text` without `secrets`, nor the beginning of one that the end of `text` cuts."""
    for secret in secrets:
        text = _without_cut(text.replace(secret, REDACTED), secret)
    return text


def _without_cut(text: str, secret: str) -> str:
    sizes = range(len(secret) - 1, CUT_SECRET_CHARS_MIN - 1, -1)
    cut = next((size for size in sizes if text.endswith(secret[:size])), 0)
    return text[:-cut] + REDACTED if cut else text
