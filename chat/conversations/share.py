"""Let anyone with a link read a conversation, until the link is revoked."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from chat import protocol
from chat.conversations.checks import locked_conversation
from chat.conversations.done import Done
from chat.conversations.shapes import share_path, updated_envelope
from chat.models import Conversation, Message, Share
from chat.models.share import share_of_token
from chat.protocol import CommandError


@dataclass(frozen=True, slots=True)
class Shared:
    """What a link shows: no more of its owner than what they said."""

    title: str
    messages: list[Message]


def share(user_id: int, command: protocol.ConversationShare) -> Done:
    """Share the branch that is open now. Shared before, the same link shows that from now on.

    What is said later is not shown: nobody publishes what they have not written yet. Raises
    `CommandError`; then nothing is stored.
    """
    with transaction.atomic():
        conversation = _locked(user_id, command.conversation)
        head = conversation.head_id
        if head is None:
            raise CommandError("invalid", "There is nothing to share", field="conversation")
        shared = conversation.share
        is_same = shared is not None and shared.head_id == head
        if not is_same:
            shared = shared or Share(conversation=conversation, created_at=conversation.now)
            shared.head_id = head
            shared.save()
            conversation.manage(share_id=shared.pk)
    reply = protocol.ConversationShared(
        command_id=command.echo,
        conversation=conversation.pk,
        share=share_path(conversation) or "",
    )
    return Done(reply, [] if is_same else [updated_envelope(conversation)])


def unshare(user_id: int, command: protocol.ConversationUnshare) -> Done:
    """Revoke the link; it opens nothing any more, and sharing again makes another."""
    with transaction.atomic():
        conversation = _locked(user_id, command.conversation)
        if conversation.share is None:
            return Done.plain(command)
        conversation.share.revoked_at = conversation.now
        conversation.share.save(update_fields=["revoked_at"])
        conversation.manage(share_id=None)
    return Done.plain(command, [updated_envelope(conversation)])


def shared(token: str) -> Shared | None:
    """Read what a link shows; none if it is not one, or was revoked."""
    share_id = share_of_token(token)
    if share_id is None:
        return None
    found = Share.objects.readable().select_related("conversation").filter(pk=share_id).first()
    if found is None:
        return None
    return Shared(found.conversation.title, Message.objects.branch(found.head_id))


def _locked(user_id: int, conversation_id: UUID) -> Conversation:
    return locked_conversation(conversation_id, Conversation.objects.owned_by(user_id))
