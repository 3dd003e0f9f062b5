"""Answers that staff are to look at: what brings them into the queue, and what staff do with them."""

from chat.reviews.acts import (
    Refusal,
    RefusedError,
    flag,
    give_back,
    hand,
    note,
    reopen,
    resolve,
    reviewers,
    take,
)
from chat.reviews.causes import note_failures, note_rating

__all__ = [
    "Refusal",
    "RefusedError",
    "flag",
    "give_back",
    "hand",
    "note",
    "note_failures",
    "note_rating",
    "reopen",
    "resolve",
    "reviewers",
    "take",
]
