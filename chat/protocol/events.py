"""What a client is told by itself, and the events of one generation."""

from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from chat.deltas import Kind
from chat.protocol.codes import FailureCode
from chat.protocol.commands import Params
from chat.protocol.shapes import (
    ConversationShape,
    Limits,
    MessageShape,
    ModelShape,
    PresetShape,
    RatingShape,
    Timing,
    Usage,
    UserShape,
)

VERSION = 1


class Event(Struct, frozen=True, tag_field="type", kw_only=True):
    """What a client is told. Subclasses are named after their `type`."""


class SessionReady(Event, frozen=True, tag="session.ready", kw_only=True):
    protocol: int = VERSION
    user: UserShape
    models: list[ModelShape]
    limits: Limits
    demo: bool


class MessageCreated(Event, frozen=True, tag="message.created", kw_only=True):
    conversation: UUID
    message: MessageShape


class ConversationCreated(Event, frozen=True, tag="conversation.created", kw_only=True):
    conversation: ConversationShape


class ConversationUpdated(Event, frozen=True, tag="conversation.updated", kw_only=True):
    conversation: ConversationShape


class ConversationDeleted(Event, frozen=True, tag="conversation.deleted", kw_only=True):
    conversation: UUID


class MessageRated(Event, frozen=True, tag="message.rated", kw_only=True):
    conversation: UUID
    message: UUID
    rating: RatingShape | None


class PresetSaved(Event, frozen=True, tag="preset.saved", kw_only=True):
    preset: PresetShape


class PresetDeleted(Event, frozen=True, tag="preset.deleted", kw_only=True):
    preset: UUID


class GenerationEvent(Event, frozen=True, kw_only=True):
    generation: UUID


class GenerationCreated(GenerationEvent, frozen=True, tag="generation.created", kw_only=True):
    conversation: UUID
    message: UUID
    parent: UUID
    model: str
    params: Params
    continues: UUID | None


class GenerationQueued(GenerationEvent, frozen=True, tag="generation.queued", kw_only=True):
    position: int


class GenerationStarted(GenerationEvent, frozen=True, tag="generation.started", kw_only=True):
    """`omitted`: so many of the oldest messages did not fit the model's context."""

    omitted: int = 0


class GenerationRetrying(GenerationEvent, frozen=True, tag="generation.retrying", kw_only=True):
    attempt: int
    delay_ms: int
    code: FailureCode


class GenerationDelta(GenerationEvent, frozen=True, tag="generation.delta", kw_only=True):
    seq: int
    kind: Kind
    text: str


class GenerationSnapshot(GenerationEvent, frozen=True, tag="generation.snapshot", kw_only=True):
    message: UUID
    status: str
    seq: int
    content: str
    reasoning: str


class Terminal(GenerationEvent, frozen=True, kw_only=True):
    """The one last event of a generation; in answer to a late cancel it carries its `command_id`."""

    seq: int
    usage: Usage
    timing: Timing
    command_id: str | UnsetType | None = UNSET


class GenerationCompleted(Terminal, frozen=True, tag="generation.completed", kw_only=True):
    finish_reason: str


class GenerationCancelled(Terminal, frozen=True, tag="generation.cancelled", kw_only=True):
    by_staff: bool | UnsetType = UNSET


class GenerationInterrupted(Terminal, frozen=True, tag="generation.interrupted", kw_only=True):
    pass


class GenerationFailed(Terminal, frozen=True, tag="generation.failed", kw_only=True):
    code: FailureCode
    retryable: bool
