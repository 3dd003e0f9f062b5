"""Manage a conversation: its name, its place in the list, its open branch, what shapes its answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from msgspec import UNSET

from chat.conversations.checks import checked_model, locked_conversation
from chat.conversations.done import Done
from chat.conversations.shapes import updated_envelope
from chat.conversations.tags import checked_tags
from chat.models import Conversation, Message, TitleSource
from chat.protocol import CommandError, ConversationUpdate


def update(user_id: int, command: ConversationUpdate) -> Done:
    """Store what the command names. Raises `CommandError`; then nothing is stored.

    Sent again it changes nothing, and then nobody is told of anything.
    """
    with transaction.atomic():
        owned = Conversation.objects.owned_by(user_id)
        conversation = locked_conversation(command.conversation, owned)
        asked = _asked(conversation, command)
        changes = {k: v for k, v in asked.items() if getattr(conversation, k) != v}
        if not changes:
            return Done.plain(command)
        conversation.manage(**changes)
    return Done.plain(command, [updated_envelope(conversation)])


def _asked(conversation: Conversation, command: ConversationUpdate) -> dict[str, Any]:
    """List the columns that a command names, with their values."""
    asked: dict[str, Any] = {
        name: value
        for name in ("pinned", "archived")
        if (value := getattr(command, name)) is not UNSET
    }
    if command.title is not UNSET:
        asked |= {"title": _checked_title(command.title), "title_source": TitleSource.PERSON}
    if command.head is not UNSET:
        asked["head_id"] = _leaf(conversation, command.head)
    if command.model is not UNSET:
        asked["model"] = checked_model(command.model)
    if command.params is not UNSET:
        asked["params"] = msgspec.to_builtins(command.params)
    if command.compared is not UNSET:
        asked["compared"] = None
    if command.tags is not UNSET:
        asked["tags"] = checked_tags(conversation.owner_id, command.tags)
    return asked


def _checked_title(title: str) -> str:
    words = " ".join(title.split())
    if not words:
        raise CommandError("invalid", "The title is empty", field="title")
    return words


def _leaf(conversation: Conversation, message: UUID) -> UUID:
    """Find the end of the branch to open: of those through `message`, the one written last."""
    if not Message.objects.filter(pk=message, conversation=conversation).exists():
        raise CommandError("not_found", "No such message", field="head")
    return Message.objects.newest_leaf(message)
