"""Take a conversation out: what is shown as Markdown, everything as JSON. Read in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

import msgspec

from chat import protocol
from chat.conversations.checks import owned_conversation
from chat.conversations.shapes import conversation_shape, message_shapes
from chat.models import Conversation, Message, Role

# Messages read at once: a long conversation is not held in memory whole.
PIECE = 50

_encoder = msgspec.json.Encoder(uuid_format="canonical")


@dataclass(frozen=True, slots=True)
class Outline:
    """What is to be taken out: its title, how the document begins and ends, and its messages in order."""

    title: str
    opening: str
    closing: str
    pieces: list[list[UUID]]


def markdown_outline(user_id: int, conversation_id: UUID) -> Outline:
    """Outline the branch that is shown. Raises `CommandError` with `not_found`."""
    conversation = owned_conversation(user_id, conversation_id)
    shown = Message.objects.branch_ids(conversation.head_id)
    return Outline(conversation.title, f"# {conversation.title}\n", "", _pieces(shown))


def markdown(speakers: Mapping[Role, str], ids: list[UUID], is_first: bool) -> str:
    """Write messages, each below the name of who spoke."""
    return "".join(
        f"\n## {speakers[Role(message.role)]}\n\n{message.content}\n" for message in _read(ids)
    )


def json_outline(user_id: int, conversation_id: UUID) -> Outline:
    """Outline all branches, oldest message first. Raises `CommandError` with `not_found`."""
    conversation = owned_conversation(user_id, conversation_id)
    messages = Message.objects.filter(conversation=conversation).order_by("created_at", "id")
    opening = f'{{"conversation": {_json(_exported(conversation))}, "messages": ['
    pieces = _pieces(messages.values_list("pk", flat=True))
    return Outline(conversation.title, opening, "\n]}\n", pieces)


def json(ids: list[UUID], is_first: bool) -> str:
    lines = ",\n".join(_json(shape) for shape in message_shapes(_read(ids)))
    return f"\n{lines}" if is_first else f",\n{lines}"


def _exported(conversation: Conversation) -> protocol.ConversationShape:
    """Shape it without its link: a file travels further than one thinks."""
    return msgspec.structs.replace(conversation_shape(conversation), share=None)


def _json(shape: msgspec.Struct) -> str:
    return _encoder.encode(shape).decode()


def _read(ids: list[UUID]) -> list[Message]:
    found = Message.objects.in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def _pieces(ids: Iterable[UUID]) -> list[list[UUID]]:
    ids = list(ids)
    return [ids[start : start + PIECE] for start in range(0, len(ids), PIECE)]
