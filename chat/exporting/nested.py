"""Whole conversations as lines of JSON: each with all its messages, and these with their generations and ratings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from chat.exporting.formats import as_json
from chat.exporting.keys import pages_of_keys
from chat.exporting.rows import Words, conversation_row, generation_row, message_row
from chat.models import Conversation, Generation, Message, Rating

MESSAGES_AT_ONCE = 200
# What the line around a message says already.
_OF_CONVERSATION = ("conversation", "title", "owner_id", "owner")
_OF_MESSAGE = ("message", *_OF_CONVERSATION)


def line_of(
    conversation: Conversation, words: Words, until: datetime, *, with_generations: bool
) -> Iterator[str]:
    """Write one conversation's line in pieces: however long it is, some of its messages are in memory.

    The messages are in the order they were written, each with its `parent`: the branches of the tree. The one that is open
    ends in the conversation's `head`.
    """
    opening = as_json(conversation_row(conversation, words)).removesuffix("}")
    yield f'{opening},"messages":['
    written = Message.objects.filter(conversation=conversation, created_at__lte=until)
    separator = ""
    for keys in pages_of_keys(written, ("created_at", "id"), MESSAGES_AT_ONCE):
        shapes = _shapes(conversation, keys, words, until, with_generations=with_generations)
        if shapes:
            yield separator + ",".join(map(as_json, shapes))
            separator = ","
    yield "]}\n"


def _shapes(
    conversation: Conversation,
    keys: list[Any],
    words: Words,
    until: datetime,
    *,
    with_generations: bool,
) -> list[dict[str, Any]]:
    there = Message.objects.in_bulk(keys)
    ratings = Rating.objects.of_messages(keys)
    generations = _generations(keys, words, until) if with_generations else {}
    shapes = []
    for message in (there[key] for key in keys if key in there):
        message.conversation = conversation
        row = message_row(message, ratings.get(message.pk), words)
        shape = _without(row, _OF_CONVERSATION)
        if with_generations:
            shape["generations"] = generations.get(message.pk, [])
        shapes.append(shape)
    return shapes


def _generations(keys: list[Any], words: Words, until: datetime) -> dict[Any, list[dict[str, Any]]]:
    rows = Generation.objects.filter(message__in=keys, created_at__lte=until)
    found: dict[Any, list[dict[str, Any]]] = {}
    for generation in rows.select_related("owner").order_by("created_at", "id"):
        shape = _without(generation_row(generation, words), _OF_MESSAGE)
        found.setdefault(generation.message_id, []).append(shape)
    return found


def _without(row: msgspec.Struct, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(row).items() if name not in names}
