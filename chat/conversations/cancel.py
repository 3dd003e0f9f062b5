"""Cancel by flag: seen by the runner within a tick, whatever process it is in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from chat.conversations.shapes import terminal_envelope, terminal_event
from chat.envelope import Envelope
from chat.models import Conversation, Generation, Message, Status
from chat.models.generation import GenerationQuerySet
from chat.protocol import CommandError, GenerationCancel, Terminal


@dataclass(frozen=True, slots=True)
class Cancelling:
    """The generations that were live, what to publish of those not started, and the end of an ended one."""

    generations: list[UUID]
    envelopes: list[Envelope]
    ended: Terminal | None = None


def cancel(user_id: int, command: GenerationCancel) -> Cancelling:
    """Flag what runs and end what is queued. Raises `CommandError` with `not_found`.

    The flag is in the database when this returns; a completion that wins the race stays one.
    """
    with transaction.atomic():
        conversation = _conversation_of(user_id, command)
        locked = Conversation.objects.locked(conversation)
        live, envelopes = stop(locked, _targets(command))
    return Cancelling(live, envelopes, None if live else _ended(command))


def cancel_for_staff(generation_id: UUID, by: str) -> Cancelling:
    """Flag a generation, or end it if it is queued, whoever it belongs to. `by`: the name of who asks.

    Raises `Generation.DoesNotExist`. Called in a transaction of the caller's, which says there what it did.
    """
    target = Generation.objects.filter(pk=generation_id)
    locked = Conversation.objects.locked(target.get().conversation_id)
    return Cancelling(*stop(locked, target, by))


def stop(
    conversation: Conversation, generations: GenerationQuerySet, by: str = ""
) -> tuple[list[UUID], list[Envelope]]:
    """Flag what runs of these and end what is queued: `(those that were live, what to publish)`.

    The conversation's row must be locked. `by`: the name of who of the staff asks; empty: the owner.
    """
    live = list(generations.live().order_by("created_at"))
    ended = [_end_queued(conversation, generation, by) for generation in live]
    Generation.objects.flag_cancelled((g.pk for g in live), by)
    return [g.pk for g in live], [envelope for envelope in ended if envelope is not None]


def _targets(command: GenerationCancel) -> GenerationQuerySet:
    if command.generation is not None:
        return Generation.objects.filter(pk=command.generation)
    if command.message is not None:
        return Generation.objects.filter(message__parent=command.message)
    return Generation.objects.filter(conversation=command.conversation)


def _conversation_of(user_id: int, command: GenerationCancel) -> UUID:
    """Find the conversation to lock, if the target is that user's."""
    rows: QuerySet[Any]
    owned = Conversation.objects.owned_by(user_id)
    if command.generation is not None:
        rows = Generation.objects.filter(pk=command.generation, conversation__in=owned)
        found = rows.values_list("conversation", flat=True).first()
    elif command.message is not None:
        rows = Message.objects.filter(pk=command.message, conversation__in=owned)
        found = rows.values_list("conversation", flat=True).first()
    else:
        rows = owned.filter(pk=cast("UUID", command.conversation))
        found = rows.values_list("pk", flat=True).first()
    if found is None:
        raise CommandError("not_found", "No such generation, message or conversation")
    return found


def _end_queued(conversation: Conversation, generation: Generation, by: str) -> Envelope | None:
    if generation.status != Status.QUEUED or not Generation.objects.end_queued(generation.pk, by):
        return None
    revision = conversation.advance()
    Message.objects.filter(pk=generation.message_id).update(revision=revision)
    generation.refresh_from_db()
    return terminal_envelope(conversation, generation)


def _ended(command: GenerationCancel) -> Terminal | None:
    if command.generation is None:
        return None
    generation = Generation.objects.get(pk=command.generation)
    if generation.is_live:
        return None
    return terminal_event(generation, command.command_id)
