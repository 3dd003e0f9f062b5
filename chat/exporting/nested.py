"""Whole conversations as lines of JSON: each with all its messages, and these with their generations and ratings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from chat.exporting.formats import as_json
from chat.exporting.keys import pages_of_keys
from chat.exporting.rows import Words, conversation_row, generation_row, message_row
from chat.models import Conversation, Generation, Message, Rating

MESSAGES_AT_ONCE = 200
# What the line around a message says already.
_OF_CONVERSATION = ("conversation", "title", "owner_id", "owner")
_OF_MESSAGE = ("message", *_OF_CONVERSATION)


class Part(NamedTuple):
    """A row, or a part of the line of a conversation: its beginning, one of its messages, or its end."""

    conversation: Conversation | None
    text: str
    is_end: bool = False


def parts_of(
    conversations: list[Conversation], words: Words, until: datetime, *, with_generations: bool
) -> Iterator[Part]:
    """Write the lines of conversations, which are in the order of their ids, with some of their messages in memory.

    The messages are in the order they were written, each with its `parent`: the branches of the tree. The one that is open
    ends in the conversation's `head`.
    """
    messages = _messages(conversations, words, until, with_generations=with_generations)
    message = next(messages, None)
    for conversation in conversations:
        opening = as_json(conversation_row(conversation, words)).removesuffix("}")
        yield Part(conversation, f'{opening},"messages":[')
        separator = ""
        while message is not None and message.conversation_id == conversation.pk:
            yield Part(conversation, separator + message.text)
            separator, message = ",", next(messages, None)
        yield Part(conversation, "]}\n", is_end=True)


class _Written(NamedTuple):
    conversation_id: UUID
    text: str


def _messages(
    conversations: list[Conversation], words: Words, until: datetime, *, with_generations: bool
) -> Iterator[_Written]:
    """Write their messages, conversation after conversation."""
    by_id = {each.pk: each for each in conversations}
    written = Message.objects.filter(conversation__in=conversations, created_at__lte=until)
    for page in pages_of_keys(written, ("conversation_id", "created_at", "id")):
        for start in range(0, len(page), MESSAGES_AT_ONCE):
            keys = page[start : start + MESSAGES_AT_ONCE]
            there, ratings = Message.objects.in_bulk(keys), Rating.objects.of_messages(keys)
            generations = _generations(keys, words, until) if with_generations else None
            for message in (there[key] for key in keys if key in there):
                message.conversation = by_id[message.conversation_id]
                row = message_row(message, ratings.get(message.pk), words)
                shape = _without(row, _OF_CONVERSATION)
                if generations is not None:
                    shape["generations"] = generations.get(message.pk, [])
                yield _Written(message.conversation_id, as_json(shape))


def _generations(keys: list[Any], words: Words, until: datetime) -> dict[Any, list[dict[str, Any]]]:
    rows = Generation.objects.filter(message__in=keys, created_at__lte=until)
    found: dict[Any, list[dict[str, Any]]] = {}
    for generation in rows.select_related("owner").order_by("created_at", "id"):
        shape = _without(generation_row(generation, words), _OF_MESSAGE)
        found.setdefault(generation.message_id, []).append(shape)
    return found


def _without(row: msgspec.Struct, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(row).items() if name not in names}
