"""What the socket that sent a command is told, and no other."""

from uuid import UUID

from msgspec import UNSET, UnsetType

from chat.protocol.codes import CommandError, ErrorCode, Quota
from chat.protocol.events import Event
from chat.protocol.shapes import ConversationShape, HitShape, LiveShape, MessageShape, PresetShape


class Reply(Event, frozen=True, kw_only=True):
    """An event that answers a command and goes to the socket that sent it alone."""

    command_id: str | UnsetType | None = UNSET


class Pong(Reply, frozen=True, tag="pong", kw_only=True):
    pass


class Done(Reply, frozen=True, tag="done", kw_only=True):
    """What was asked is stored, and the events that tell of it have gone out."""


class Error(Reply, frozen=True, tag="error", kw_only=True):
    code: ErrorCode
    detail: str
    field: str | UnsetType = UNSET
    retry_after_ms: int | UnsetType = UNSET
    quota: Quota | UnsetType = UNSET
    reason: str | UnsetType = UNSET

    @classmethod
    def of(cls, error: CommandError, command_id: str | None) -> "Error":
        return cls(
            command_id=command_id if command_id is not None else UNSET,
            code=error.code,
            detail=error.detail,
            field=error.field or UNSET,
            retry_after_ms=UNSET if error.retry_after_ms is None else error.retry_after_ms,
            quota=error.quota or UNSET,
            reason=error.reason or UNSET,
        )


class MessageAccepted(Reply, frozen=True, tag="message.accepted", kw_only=True):
    conversation: UUID
    message: UUID
    answer: UUID
    generation: UUID
    duplicate: bool


class GenerationCancelling(Reply, frozen=True, tag="generation.cancelling", kw_only=True):
    generations: list[UUID]


class ConversationSnapshot(Reply, frozen=True, tag="conversation.snapshot", kw_only=True):
    conversation: ConversationShape
    messages: list[MessageShape]
    generations: list[LiveShape]
    beside: list[MessageShape] | UnsetType = UNSET


class ConversationListed(Reply, frozen=True, tag="conversation.listed", kw_only=True):
    conversations: list[ConversationShape]
    before: str | None
    tags: list[str] | UnsetType = UNSET


class ConversationFound(Reply, frozen=True, tag="conversation.found", kw_only=True):
    hits: list[HitShape]
    before: str | None


class ConversationShared(Reply, frozen=True, tag="conversation.shared", kw_only=True):
    conversation: UUID
    share: str


class PresetListed(Reply, frozen=True, tag="preset.listed", kw_only=True):
    presets: list[PresetShape]


class ConversationHistoryEvent(Reply, frozen=True, tag="conversation.history", kw_only=True):
    conversation: UUID
    messages: list[MessageShape]
