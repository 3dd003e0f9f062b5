"""Rows of the record as the shapes and events of the wire."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from django.urls import reverse

from chat import protocol
from chat.deltas import Kind
from chat.envelope import CANCELLED_WHILE_QUEUED, CREATED, STARTED, Envelope, step_of
from chat.models import (
    Conversation,
    Generation,
    LanguageModel,
    Message,
    Preset,
    Rating,
    Status,
)
from chat.models.share import share_token
from chat.timing import rates

# Of an answer's system prompt so much is told; the conversation has all of its own.
SHOWN_PROMPT_CHARS = 200


def iso(moment: datetime) -> str:
    return moment.isoformat()


def params_shape(params: dict[str, object]) -> protocol.Params:
    """Shape stored params; what is no longer valid must not keep an answer from its end."""
    try:
        return msgspec.convert(params, protocol.Params)
    except msgspec.ValidationError:
        return protocol.Params()


def shown_params(params: dict[str, object]) -> protocol.Params:
    """Shape params to look at beside an answer: fifty answers must not bring fifty long system prompts."""
    shape = params_shape(params)
    prompt = shape.system_prompt
    if prompt is None or len(prompt) <= SHOWN_PROMPT_CHARS:
        return shape
    return msgspec.structs.replace(shape, system_prompt=prompt[:SHOWN_PROMPT_CHARS] + "…")


def conversation_shape(conversation: Conversation) -> protocol.ConversationShape:
    return protocol.ConversationShape(
        id=conversation.pk,
        title=conversation.title,
        head=conversation.head_id,
        model=conversation.model or None,
        params=params_shape(conversation.params),
        revision=conversation.revision,
        created_at=iso(conversation.created_at),
        updated_at=iso(conversation.updated_at),
        pinned=conversation.pinned,
        archived=conversation.archived,
        tags=conversation.tags,
        share=share_path(conversation),
        compared=conversation.compared,
    )


def share_path(conversation: Conversation) -> str | None:
    """Return the path of the link by which anyone reads it; none if it is not shared."""
    if conversation.share_id is None:
        return None
    return reverse("shared", args=[share_token(conversation.share_id)])


def message_shape(
    message: Message,
    generation: Generation | None = None,
    siblings: list[UUID] | None = None,
    rating: Rating | None = None,
) -> protocol.MessageShape:
    rated = rating_shape(rating)
    return protocol.MessageShape(
        id=message.pk,
        parent=message.parent_id,
        role=message.role,
        content=message.content,
        reasoning=message.reasoning,
        created_at=iso(message.created_at),
        siblings=msgspec.UNSET if siblings is None else siblings,
        generation=msgspec.UNSET if generation is None else generation_shape(generation),
        rating=msgspec.UNSET if rated is None else rated,
    )


def rating_shape(rating: Rating | None) -> protocol.RatingShape | None:
    """Shape what a person thinks of an answer; none when that was taken back."""
    if rating is None or not rating.value:
        return None
    return protocol.RatingShape(
        rating=cast("protocol.RatingValue", rating.value),
        reason=cast("protocol.RatingReason", rating.reason) if rating.reason else None,
        comment=rating.comment,
    )


def rated_event(rating: Rating, conversation: UUID) -> protocol.MessageRated:
    return protocol.MessageRated(
        conversation=conversation, message=rating.message_id, rating=rating_shape(rating)
    )


def preset_shape(preset: Preset) -> protocol.PresetShape:
    return protocol.PresetShape(
        id=preset.pk,
        name=preset.name,
        model=preset.model or None,
        params=params_shape(preset.params),
    )


def generation_shape(generation: Generation) -> protocol.GenerationShape:
    failed = generation.status == Status.FAILED
    return protocol.GenerationShape(
        id=generation.pk,
        status=generation.status,
        seq=generation.seq,
        finish_reason=generation.finish_reason or None,
        usage=usage_shape(generation),
        timing=timing_shape(generation),
        model=generation.model,
        params=shown_params(generation.params),
        continues=generation.continues_id,
        omitted=generation.omitted,
        code=generation.code if failed else msgspec.UNSET,
        retryable=generation.retryable if failed else msgspec.UNSET,
        by_staff=generation.was_stopped_by_staff or msgspec.UNSET,
    )


def usage_shape(generation: Generation) -> protocol.Usage:
    return protocol.Usage(
        input_tokens=generation.input_tokens,
        output_tokens=generation.output_tokens,
        estimated=generation.usage_estimated,
        cost=None if generation.cost is None else float(generation.cost),
    )


def timing_shape(generation: Generation) -> protocol.Timing:
    return protocol.Timing(
        queue_ms=generation.queue_ms,
        ttft_ms=generation.ttft_ms,
        reasoning_ms=generation.reasoning_ms,
        content_ms=generation.content_ms,
        total_ms=generation.total_ms,
        chunks=generation.chunks,
        chars=generation.chars,
        gap_p50_ms=generation.gap_p50_ms,
        gap_p95_ms=generation.gap_p95_ms,
        **rates(generation.total_ms, generation.chunks, generation.chars),
    )


def terminal_event(generation: Generation, command_id: str | None = None) -> protocol.Terminal:
    """Return the event that ended `generation`, which must have ended."""
    common: dict[str, Any] = {
        "generation": generation.pk,
        "seq": generation.seq,
        "usage": usage_shape(generation),
        "timing": timing_shape(generation),
        "command_id": msgspec.UNSET if command_id is None else command_id,
    }
    if generation.status == Status.COMPLETED:
        return protocol.GenerationCompleted(finish_reason=generation.finish_reason, **common)
    if generation.status == Status.FAILED:
        return protocol.GenerationFailed(
            code=cast("protocol.FailureCode", generation.code),
            retryable=generation.retryable,
            **common,
        )
    if generation.status == Status.CANCELLED:
        by_staff = generation.was_stopped_by_staff or msgspec.UNSET
        return protocol.GenerationCancelled(by_staff=by_staff, **common)
    return protocol.GenerationInterrupted(**common)


def created_event(generation: Generation, parent: UUID | None) -> protocol.GenerationCreated:
    return protocol.GenerationCreated(
        conversation=generation.conversation_id,
        generation=generation.pk,
        message=generation.message_id,
        # An answer always has a parent (a constraint of its table).
        parent=cast("UUID", parent),
        model=generation.model,
        params=shown_params(generation.params),
        continues=generation.continues_id,
    )


def model_shape(model: LanguageModel) -> protocol.ModelShape:
    return protocol.ModelShape(
        id=model.name,
        title=model.title or model.name,
        context_length=model.context_length,
        input_price=None if model.input_price is None else float(model.input_price),
        output_price=None if model.output_price is None else float(model.output_price),
        available=not model.is_refusing,
    )


def updated_frame(conversation: Conversation) -> str:
    return protocol.encode(
        protocol.ConversationUpdated(conversation=conversation_shape(conversation))
    )


def owner_envelope(owner: int, subject: UUID, event: protocol.Event) -> Envelope:
    """Tell all sockets of a person of something that is part of no conversation."""
    return Envelope(subject, [], owner=owner, owner_frame=protocol.encode(event))


def change_envelope(conversation: Conversation, event: protocol.Event) -> Envelope:
    """Tell all of the owner's sockets, in the conversation's order, of what its revision stands for."""
    frame = protocol.encode(event)
    return Envelope(
        conversation.pk,
        [frame],
        revision=conversation.revision,
        owner=conversation.owner_id,
        owner_frame=frame,
    )


def updated_envelope(conversation: Conversation) -> Envelope:
    shape = conversation_shape(conversation)
    return change_envelope(conversation, protocol.ConversationUpdated(conversation=shape))


def list_envelope(conversation: Conversation) -> Envelope:
    """Tell how a conversation stands to its owner's sockets that do not watch it."""
    event: protocol.Event
    if conversation.is_deleted:
        event = protocol.ConversationDeleted(conversation=conversation.pk)
    elif conversation.revision == 1:
        event = protocol.ConversationCreated(conversation=conversation_shape(conversation))
    else:
        event = protocol.ConversationUpdated(conversation=conversation_shape(conversation))
    envelope = change_envelope(conversation, event)
    return msgspec.structs.replace(envelope, frames=[])


def created_envelope(
    conversation: Conversation, prompt: Message | None, generation: Generation, parent: UUID | None
) -> Envelope:
    """Tell of a new generation, and of the prompt it answers where that is new too."""
    events: list[protocol.Event] = []
    if prompt is not None:
        events.append(
            protocol.MessageCreated(conversation=conversation.pk, message=message_shape(prompt))
        )
    events.append(created_event(generation, parent))
    is_new = conversation.revision == 1
    told = protocol.ConversationCreated if is_new else protocol.ConversationUpdated
    owner_frame = protocol.encode(told(conversation=conversation_shape(conversation)))
    return Envelope(
        conversation=conversation.pk,
        frames=[*map(protocol.encode, events), owner_frame],
        revision=conversation.revision,
        generation=generation.pk,
        step=CREATED,
        owner=conversation.owner_id,
        owner_frame=owner_frame,
    )


def started_envelope(conversation: UUID, generation: UUID, omitted: int) -> Envelope:
    event = protocol.GenerationStarted(generation=generation, omitted=omitted)
    frame = protocol.encode(event)
    return Envelope(conversation, [frame], generation=generation, step=STARTED)


def queued_envelope(conversation: UUID, generation: UUID, position: int) -> Envelope:
    frame = protocol.encode(protocol.GenerationQueued(generation=generation, position=position))
    return Envelope(conversation, [frame], generation=generation, step=CREATED, aside=True)


def retrying_envelope(conversation: UUID, event: protocol.GenerationRetrying) -> Envelope:
    frame = protocol.encode(event)
    return Envelope(conversation, [frame], generation=event.generation, step=STARTED, aside=True)


def delta_envelope(
    conversation: UUID, generation: UUID, seq: int, kind: Kind, text: str
) -> Envelope:
    event = protocol.GenerationDelta(generation=generation, seq=seq, kind=kind, text=text)
    return Envelope(
        conversation, [protocol.encode(event)], generation=generation, step=step_of(seq)
    )


def whole_text_envelope(generation: Generation, seq: int, content: str, reasoning: str) -> Envelope:
    """Replace what a client has of a generation: its text up to `seq`."""
    event = protocol.GenerationSnapshot(
        generation=generation.pk,
        message=generation.message_id,
        status=generation.status,
        seq=seq,
        content=content,
        reasoning=reasoning,
    )
    frames = [protocol.encode(event)]
    place = generation.conversation_id
    return Envelope(place, frames, generation=generation.pk, step=step_of(seq))


def terminal_envelope(conversation: Conversation, generation: Generation) -> Envelope:
    """Tell that `generation` ended, under the revision that its end gave the conversation.

    A deleted conversation is not told of again: its owner's lists have lost it.
    """
    owner_frame = None if conversation.is_deleted else updated_frame(conversation)
    frames = [protocol.encode(terminal_event(generation)), owner_frame]
    return Envelope(
        conversation=conversation.pk,
        frames=[frame for frame in frames if frame is not None],
        revision=conversation.revision,
        generation=generation.pk,
        step=last_step(generation),
        ends=True,
        owner=None if conversation.is_deleted else conversation.owner_id,
        owner_frame=owner_frame,
    )


def last_step(generation: Generation) -> int:
    """Return the step of a generation's end."""
    return step_of(generation.seq) if generation.started_at else CANCELLED_WHILE_QUEUED


def message_shapes(
    messages: Iterable[Message], *, with_siblings: bool = True
) -> list[protocol.MessageShape]:
    """Shape messages with their last generation and the versions beside them."""
    messages = list(messages)
    last = Generation.objects.last_of_messages(m.pk for m in messages)
    ratings = Rating.objects.of_messages(m.pk for m in messages)
    children = Message.objects.sibling_ids(messages) if with_siblings else {}
    return [
        message_shape(
            message,
            last.get(message.pk),
            children.get(message.parent_id) if with_siblings else None,
            ratings.get(message.pk),
        )
        for message in messages
    ]
