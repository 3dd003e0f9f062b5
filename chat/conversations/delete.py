"""Delete a conversation, with thirty days to take it back."""

from __future__ import annotations

from django.db import transaction

from chat import protocol
from chat.conversations.cancel import stop
from chat.conversations.checks import locked_conversation
from chat.conversations.done import Done
from chat.conversations.shapes import change_envelope, conversation_shape
from chat.models import Conversation, Generation


def delete(user_id: int, command: protocol.ConversationDelete) -> Done:
    """Stop what is live in a conversation and hide it from its owner. Raises `CommandError`."""
    with transaction.atomic():
        kept = Conversation.objects.kept_for(user_id)
        conversation = locked_conversation(command.conversation, kept)
        if conversation.is_deleted:
            return Done.plain(command)
        # From here on the ends of its generations are told to nobody's list.
        conversation.deleted_at = conversation.now
        live, ends = stop(conversation, Generation.objects.filter(conversation=conversation))
        conversation.manage(deleted_at=conversation.deleted_at)
    deleted = protocol.ConversationDeleted(conversation=conversation.pk)
    return Done.plain(command, [*ends, change_envelope(conversation, deleted)], live)


def restore(user_id: int, command: protocol.ConversationRestore) -> Done:
    """Give a deleted conversation back to its owner. Raises `CommandError` when it is too late."""
    with transaction.atomic():
        kept = Conversation.objects.kept_for(user_id)
        conversation = locked_conversation(command.conversation, kept)
        if not conversation.is_deleted:
            return Done.plain(command)
        conversation.manage(deleted_at=None)
    created = protocol.ConversationCreated(conversation=conversation_shape(conversation))
    return Done.plain(command, [change_envelope(conversation, created)])
