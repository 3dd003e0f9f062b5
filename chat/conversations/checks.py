"""What a command names must be there and be its sender's: missing and someone else's look the same."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from chat.models import Conversation, LanguageModel
from chat.models.conversation import ConversationQuerySet
from chat.protocol import CommandError


def owned_conversation(user_id: int, conversation_id: UUID) -> Conversation:
    """Return a conversation of that user's, not locked. Raises `CommandError` with `not_found`."""
    found = Conversation.objects.owned_by(user_id).filter(pk=conversation_id).first()
    if found is None:
        raise _no_conversation()
    return found


def locked_conversation(conversation_id: UUID, among: ConversationQuerySet) -> Conversation:
    """Return one of these conversations, its row locked. Raises `CommandError` with `not_found`.

    What another transaction deletes while we wait for the lock is not among them any more.
    """
    try:
        return among.locked(conversation_id)
    except Conversation.DoesNotExist:
        raise _no_conversation() from None


def checked_model(model: str | None) -> str:
    """Return a model that may be chosen, or an empty string for none. Raises `CommandError`."""
    if model is None:
        return ""
    known = LanguageModel.objects.offered().filter(name=model).exists()
    if not known and model != settings.EVOLUTION_MODEL:
        raise CommandError("invalid", "No such model", field="model")
    return model


def _no_conversation() -> CommandError:
    return CommandError("not_found", "No such conversation", field="conversation")
