"""The kinds of rows there are to take out: in which order, up to when, and how they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from chat.exporting.rows import (
    AccessRow,
    ConversationRow,
    GenerationRow,
    MessageRow,
    ReviewRow,
    Row,
    Words,
    access_row,
    conversation_row,
    generation_row,
    message_row,
    review_row,
)
from chat.models import (
    Access,
    Conversation,
    Generation,
    Message,
    Rating,
    Record,
    Review,
    ReviewNote,
)


@dataclass(frozen=True, slots=True)
class May:
    """What of a conversation who exports may view."""

    messages: bool
    generations: bool


# The rows with these keys, and the conversations whose they are.
Read = Callable[[list[Any], Words, May], tuple[list[Row], list[Conversation]]]


@dataclass(frozen=True, slots=True)
class Kind:
    """`order` ends in the key, and no change of a row changes it; `written` is when a row was made."""

    order: tuple[str, ...]
    written: str
    row: type[msgspec.Struct]
    read: Read


def _conversations(keys: list[Any], words: Words, may: May) -> tuple[list[Row], list[Conversation]]:
    there = _in_order(Conversation.objects.select_related("owner").in_bulk(keys), keys)
    return [conversation_row(each, words) for each in there], there


def _messages(keys: list[Any], words: Words, may: May) -> tuple[list[Row], list[Conversation]]:
    there = _in_order(Message.objects.select_related("conversation__owner").in_bulk(keys), keys)
    ratings = Rating.objects.of_messages(keys)
    rows: list[Row] = [message_row(each, ratings.get(each.pk), words) for each in there]
    return rows, [each.conversation for each in there]


def _generations(keys: list[Any], words: Words, may: May) -> tuple[list[Row], list[Conversation]]:
    found = Generation.objects.select_related("owner", "conversation__owner")
    there = _in_order(found.in_bulk(keys), keys)
    return [generation_row(each, words) for each in there], [each.conversation for each in there]


def _reviews(keys: list[Any], words: Words, may: May) -> tuple[list[Row], list[Conversation]]:
    found = Review.objects.select_related("message__parent", "conversation__owner")
    there = _in_order(found.in_bulk(keys), keys)
    notes: dict[int, list[ReviewNote]] = {}
    for note in ReviewNote.objects.filter(review__in=keys).order_by("id"):
        notes.setdefault(note.review_id, []).append(note)
    rows: list[Row] = [
        review_row(each, notes.get(each.pk, []), words, with_code=may.generations) for each in there
    ]
    return rows, [each.conversation for each in there]


def _accesses(keys: list[Any], words: Words, may: May) -> tuple[list[Row], list[Conversation]]:
    """Read the log, which shows no conversation."""
    there = _in_order(Access.objects.in_bulk(keys), keys)
    return [access_row(each, words) for each in there], []


def _in_order(found: dict[Any, Any], keys: Iterable[Any]) -> list[Any]:
    """Give what was found in the order of its keys; what was deleted meanwhile is not there."""
    return [found[key] for key in keys if key in found]


KINDS: dict[str, Kind] = {
    # By the key alone, since talking changes when a conversation was last talked in.
    Record.CONVERSATION: Kind(("id",), "created_at", ConversationRow, _conversations),
    Record.MESSAGE: Kind(("created_at", "id"), "created_at", MessageRow, _messages),
    Record.GENERATION: Kind(("created_at", "id"), "created_at", GenerationRow, _generations),
    # By when it last came: that of one which comes again is later.
    Record.REVIEW: Kind(("id",), "since", ReviewRow, _reviews),
    Record.ACCESS: Kind(("id",), "at", AccessRow, _accesses),
}
