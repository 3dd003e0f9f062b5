"""What a person thinks of an answer."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from chat import protocol
from chat.conversations.checks import locked_conversation
from chat.conversations.done import Done
from chat.conversations.shapes import rated_event, rating_shape, updated_frame
from chat.envelope import Envelope
from chat.models import Conversation, Message, Rating, Role
from chat.protocol import CommandError, MessageRate
from chat.reviews import note_rating


def rate(user_id: int, command: MessageRate) -> Done:
    """Store a rating, or take it back. Raises `CommandError`; then nothing is stored.

    Sent again it changes nothing, and then nobody is told of anything.
    """
    with transaction.atomic():
        message, conversation = _locked_of(user_id, command)
        rating = Rating.objects.filter(message=command.message, user=user_id).first()
        before, value = rating_shape(rating), rating.value if rating else ""
        rating = rating or _new(user_id, command, conversation.now)
        _take(rating, command, conversation.now)
        if rating_shape(rating) == before:
            return Done.plain(command)
        rating.save()
        note_rating(message, value, rating)
        revision = conversation.manage()
        Message.objects.filter(pk=command.message).update(revision=revision)
    return Done.plain(command, [_envelope(conversation, rating)])


def _new(user_id: int, command: MessageRate, now: datetime) -> Rating:
    return Rating(message_id=command.message, user_id=user_id, created_at=now)


def _take(rating: Rating, command: MessageRate, now: datetime) -> None:
    rating.value = command.rating or ""
    rating.reason = (command.reason or "") if command.rating else ""
    rating.comment = (command.comment or "").strip() if command.rating else ""
    rating.updated_at = now


def _locked_of(user_id: int, command: MessageRate) -> tuple[Message, Conversation]:
    owned = Conversation.objects.owned_by(user_id)
    message = Message.objects.filter(pk=command.message, conversation__in=owned).first()
    if message is None:
        raise CommandError("not_found", "No such message", field="message")
    if message.role != Role.ASSISTANT:
        raise CommandError("invalid", "Only an answer is rated", field="message")
    return message, locked_conversation(message.conversation_id, owned)


def _envelope(conversation: Conversation, rating: Rating) -> Envelope:
    updated = updated_frame(conversation)
    return Envelope(
        conversation.pk,
        [protocol.encode(rated_event(rating, conversation.pk)), updated],
        revision=conversation.revision,
        owner=conversation.owner_id,
        owner_frame=updated,
    )
