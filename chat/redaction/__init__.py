"""What says who somebody is, or opens a door, taken out of a text: e-mail addresses, phone and card numbers, keys.

Pure, and in time that grows with the text alone: no pattern repeats within a repetition, or without a bound where
it may fail. It goes by how things are written, so it is a help and no guarantee: a name, a street, a password in
plain words stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from chat.redaction.cards import without_cards
from chat.redaction.emails import without_emails
from chat.redaction.keys import without_keys
from chat.redaction.marks import KEY
from chat.redaction.phones import without_phones

__all__ = ["redacted", "redaction"]

# Keys first: one may hold what looks like a number. Phones before cards, whose numbers may begin anywhere among digits.
_STEPS: tuple[Callable[[str], str], ...] = (
    without_keys,
    without_emails,
    without_phones,
    without_cards,
)
# A shorter one is a word like any other.
SECRET_CHARS_MIN = 8


def redacted(text: str) -> str:
    """Return `text` with `[e-mail]`, `[phone]`, `[card]` and `[key]` in the place of such."""
    for step in _STEPS:
        text = step(text)
    return text


def redaction(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return `redacted` for a site that has `secrets` of its own, which go wherever they stand."""
    known = [secret for secret in secrets if len(secret) >= SECRET_CHARS_MIN]

    def without_ours(text: str) -> str:
        for secret in known:
            text = text.replace(secret, KEY)
        return redacted(text)

    return without_ours
