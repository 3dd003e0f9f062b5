"""The wire: commands a client may send and events it may be sent, as typed structs.

The contract is docs/protocol.md. Nothing here knows a socket or a database.
"""

import json
import re
from typing import Annotated, Any, Literal, NoReturn
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from chat.deltas import Kind

VERSION = 1
COMMAND_MAX_BYTES = 256 * 1024
FRAME_MAX_BYTES = 1024 * 1024
FLOOD_FRAMES = 200
FLOOD_WINDOW_S = 10.0

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

ErrorCode = Literal[
    "bad_frame",
    "unknown_command",
    "invalid",
    "conflict",
    "not_found",
    "too_long",
    "rate_limited",
    "too_many_generations",
    "quota_exceeded",
    "unavailable",
]
FailureCode = Literal[
    "provider_auth",
    "provider_forbidden",
    "provider_model_not_found",
    "provider_bad_request",
    "context_length_exceeded",
    "provider_rate_limited",
    "provider_unavailable",
    "provider_timeout",
    "provider_truncated",
    "provider_bad_response",
    "internal",
]


class CloseCode:
    """Why the server closed a socket."""

    TOO_BIG = 1009
    RESTARTING = 1012
    SESSION_ENDED = 4401
    TOO_SLOW = 4408
    FLOOD = 4429


class CommandError(Exception):
    """A command that cannot be done. Nothing was stored; `code` says whether to try again."""

    def __init__(
        self,
        code: ErrorCode,
        detail: str,
        *,
        field: str | None = None,
        retry_after_ms: int | None = None,
        command_id: str | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code: ErrorCode = code
        self.detail = detail
        self.field = field
        self.retry_after_ms = retry_after_ms
        self.command_id = command_id


# -- Commands ------------------------------------------------------------------------------------

Text = Annotated[str, Meta(min_length=1)]
ModelId = Annotated[str, Meta(min_length=1, max_length=200)]
TITLE_MAX_CHARS = 200
TAG_MAX_CHARS = 40
TAGS_MAX = 20
PRESET_NAME_MAX_CHARS = 80
COMMENT_MAX_CHARS = 2_000
QUERY_MAX_CHARS = 200
TagName = Annotated[str, Meta(min_length=1, max_length=TAG_MAX_CHARS)]
StopSequence = Annotated[str, Meta(min_length=1, max_length=200)]


RatingValue = Literal["up", "down"]
RatingReason = Literal[
    "accurate",
    "helpful",
    "clear",
    "incorrect",
    "incomplete",
    "off_topic",
    "style",
    "unsafe",
    "other",
]


class Params(Struct, frozen=True, omit_defaults=True):
    """What shapes an answer; what is unset comes from the conversation, then from the model."""

    system_prompt: Annotated[str, Meta(max_length=32_000)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    stop: Annotated[list[StopSequence], Meta(max_length=4)] | None = None


class Command(Struct, frozen=True, tag_field="type", kw_only=True):
    """What a client asks. Subclasses are named after their `type`."""

    command_id: Annotated[str, Meta(max_length=200)] | None = None

    @property
    def echo(self) -> str | UnsetType:
        """Give what a reply says in its `command_id`."""
        return UNSET if self.command_id is None else self.command_id


class MessageSend(Command, frozen=True, tag="message.send", kw_only=True):
    message: UUID
    content: str
    conversation: UUID | None
    parent: UUID | UnsetType | None = UNSET
    model: ModelId | None = None
    params: Params | None = None


class GenerationCreate(Command, frozen=True, tag="generation.create", kw_only=True):
    message: UUID
    answer: UUID
    model: ModelId | None = None
    params: Params | None = None


class GenerationContinue(Command, frozen=True, tag="generation.continue", kw_only=True):
    generation: UUID


class GenerationCancel(Command, frozen=True, tag="generation.cancel", kw_only=True):
    generation: UUID | None = None
    message: UUID | None = None
    conversation: UUID | None = None

    def __post_init__(self) -> None:
        if [self.generation, self.message, self.conversation].count(None) != 2:
            raise ValueError("Exactly one of generation, message, conversation")


class ConversationSubscribe(Command, frozen=True, tag="conversation.subscribe", kw_only=True):
    conversation: UUID
    revision: Annotated[int, Meta(ge=0, le=2**53)] | None = None


class ConversationUnsubscribe(Command, frozen=True, tag="conversation.unsubscribe", kw_only=True):
    conversation: UUID


class ConversationList(Command, frozen=True, tag="conversation.list", kw_only=True):
    before: Annotated[str, Meta(max_length=200)] | None = None
    archived: bool = False
    tag: TagName | None = None


class ConversationUpdate(Command, frozen=True, tag="conversation.update", kw_only=True):
    """What is left out stays as it is."""

    conversation: UUID
    title: Annotated[str, Meta(min_length=1, max_length=TITLE_MAX_CHARS)] | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    head: UUID | UnsetType = UNSET
    model: ModelId | UnsetType | None = UNSET
    params: Params | UnsetType = UNSET
    tags: Annotated[list[TagName], Meta(max_length=TAGS_MAX)] | UnsetType = UNSET


class ConversationDelete(Command, frozen=True, tag="conversation.delete", kw_only=True):
    conversation: UUID


class ConversationRestore(Command, frozen=True, tag="conversation.restore", kw_only=True):
    conversation: UUID


class ConversationShare(Command, frozen=True, tag="conversation.share", kw_only=True):
    conversation: UUID


class ConversationUnshare(Command, frozen=True, tag="conversation.unshare", kw_only=True):
    conversation: UUID


class ConversationSearch(Command, frozen=True, tag="conversation.search", kw_only=True):
    query: Annotated[str, Meta(min_length=1, max_length=QUERY_MAX_CHARS)]
    before: Annotated[str, Meta(pattern=r"^[0-9]{1,4}$")] | None = None


class MessageRate(Command, frozen=True, tag="message.rate", kw_only=True):
    """`rating` null takes it back."""

    message: UUID
    rating: RatingValue | None
    reason: RatingReason | None = None
    comment: Annotated[str, Meta(max_length=COMMENT_MAX_CHARS)] | None = None


class PresetList(Command, frozen=True, tag="preset.list", kw_only=True):
    pass


class PresetSave(Command, frozen=True, tag="preset.save", kw_only=True):
    """A new one under a uuid of the client's, or all of a stored one anew."""

    preset: UUID
    name: Annotated[str, Meta(min_length=1, max_length=PRESET_NAME_MAX_CHARS)]
    model: ModelId | None = None
    params: Params


class PresetDelete(Command, frozen=True, tag="preset.delete", kw_only=True):
    preset: UUID


class ConversationHistory(Command, frozen=True, tag="conversation.history", kw_only=True):
    conversation: UUID
    before: UUID


class Ping(Command, frozen=True, tag="ping", kw_only=True):
    pass


COMMANDS: dict[str, type[Command]] = {
    str(command.__struct_config__.tag): command
    for command in (
        MessageSend,
        GenerationCreate,
        GenerationContinue,
        GenerationCancel,
        ConversationSubscribe,
        ConversationUnsubscribe,
        ConversationList,
        ConversationHistory,
        ConversationUpdate,
        ConversationDelete,
        ConversationRestore,
        ConversationShare,
        ConversationUnshare,
        ConversationSearch,
        MessageRate,
        PresetList,
        PresetSave,
        PresetDelete,
        Ping,
    )
}


def decode_command(raw: str | bytes) -> Command:
    """Read one frame.

    Raises `CommandError` with `bad_frame` (not a JSON object with a `type`), `unknown_command`,
    `invalid` (and the field), or `too_long` (over 256 KiB).
    """
    size = (
        len(raw) if isinstance(raw, bytes) or raw.isascii() else len(raw.encode(errors="replace"))
    )
    frame = _decode_object(raw)
    command_id = frame.get("command_id")
    if not isinstance(command_id, str) or len(command_id) > 200:
        command_id = None
    if size > COMMAND_MAX_BYTES:
        detail = f"A command may have {COMMAND_MAX_BYTES} bytes, this one has {size}"
        raise CommandError("too_long", detail, command_id=command_id)
    return _convert(frame, command_id)


def _convert(frame: dict[str, Any], command_id: str | None) -> Command:
    kind = frame.get("type")
    if not isinstance(kind, str):
        raise CommandError("bad_frame", "A frame has a `type`", field="type", command_id=command_id)
    if kind not in COMMANDS:
        raise CommandError(
            "unknown_command", "No such command", field="type", command_id=command_id
        )
    try:
        return msgspec.convert(frame, COMMANDS[kind])
    except msgspec.ValidationError as error:
        raise CommandError(
            "invalid", str(error), field=_field_of(str(error)), command_id=command_id
        ) from None


def _decode_object(raw: str | bytes) -> dict[str, Any]:
    try:
        frame = msgspec.json.decode(raw)
        # PostgreSQL stores no NUL, in text or in JSON.
        if "\\u0000" in (raw if isinstance(raw, str) else raw.decode()):
            frame = _cleaned(frame)
    except (msgspec.DecodeError, UnicodeError):
        frame = _decode_with_surrogates(raw)
    except RecursionError:
        raise CommandError("bad_frame", "Nested too deeply") from None
    if not isinstance(frame, dict):
        raise CommandError("bad_frame", "A frame is a JSON object")
    return frame


def _decode_with_surrogates(raw: str | bytes) -> Any:
    """Read JSON that holds half a surrogate pair (a browser can send one): msgspec refuses those."""
    try:
        return _cleaned(json.loads(raw, parse_constant=_refuse_constant))
    except (ValueError, RecursionError):
        raise CommandError("bad_frame", "A frame is JSON") from None


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _field_of(message: str) -> str | None:
    """Find the field in msgspec's words: "… - at `$.params.top_p`", or "… required field `x`"."""
    path = re.search(r"at `\$\.?([^`]*)`", message)
    missing = re.search(r"required field `([^`]+)`", message)
    parts = [found.group(1) for found in (path, missing) if found and found.group(1)]
    return ".".join(parts) or None


# -- Shapes inside events ------------------------------------------------------------------------


class Usage(Struct, frozen=True):
    """Tokens, and what they cost in roubles; null where it is not known."""

    input_tokens: int | None
    output_tokens: int | None
    estimated: bool
    cost: float | None = None


class Timing(Struct, frozen=True):
    """How one stream went, by the definitions of docs/protocol.md; null where there is none."""

    queue_ms: int | None = None
    ttft_ms: int | None = None
    reasoning_ms: int | None = None
    content_ms: int | None = None
    total_ms: int | None = None
    chunks: int | None = None
    chars: int | None = None
    chars_per_second: float | None = None
    chunks_per_second: float | None = None
    avg_chunk_chars: float | None = None
    gap_p50_ms: int | None = None
    gap_p95_ms: int | None = None


class GenerationShape(Struct, frozen=True):
    """The last generation of an answer, as a snapshot tells it."""

    id: UUID
    status: str
    seq: int
    finish_reason: str | None
    usage: Usage
    timing: Timing
    model: str
    params: Params
    continues: UUID | None
    omitted: int = 0
    code: str | UnsetType = UNSET
    retryable: bool | UnsetType = UNSET


class RatingShape(Struct, frozen=True):
    rating: RatingValue
    reason: RatingReason | None
    comment: str


class MessageShape(Struct, frozen=True):
    id: UUID
    parent: UUID | None
    role: str
    content: str
    reasoning: str
    created_at: str
    siblings: list[UUID] | UnsetType = UNSET
    generation: GenerationShape | UnsetType = UNSET
    rating: RatingShape | UnsetType = UNSET


class ConversationShape(Struct, frozen=True):
    id: UUID
    title: str
    head: UUID | None
    model: str | None
    params: Params
    revision: int
    created_at: str
    updated_at: str
    pinned: bool
    archived: bool
    tags: list[str]
    share: str | None


class LiveShape(Struct, frozen=True):
    """A live generation in a snapshot: its own text stored so far, and the seq that reaches."""

    id: UUID
    message: UUID
    status: str
    seq: int
    content: str
    reasoning: str
    position: int | None = None


class ModelShape(Struct, frozen=True):
    """A model to choose; prices are roubles per million tokens, null where not known."""

    id: str
    title: str
    context_length: int | None = None
    input_price: float | None = None
    output_price: float | None = None
    available: bool = True


class HitShape(Struct, frozen=True):
    """A message that was found, or with none a title; `matches` are places in `snippet`."""

    conversation: UUID
    message: UUID | None
    role: str | None
    title: str
    snippet: str
    matches: list[tuple[int, int]]
    created_at: str


class PresetShape(Struct, frozen=True):
    id: UUID
    name: str
    model: str | None
    params: Params


class UserShape(Struct, frozen=True):
    id: int
    username: str


class Limits(Struct, frozen=True):
    message_chars: int
    max_generations: int
    max_queued: int
    messages_per_minute: int


# -- Events --------------------------------------------------------------------------------------


class Event(Struct, frozen=True, tag_field="type", kw_only=True):
    """What a client is told. Subclasses are named after their `type`."""


class Reply(Event, frozen=True, kw_only=True):
    """An event that answers a command and goes to the socket that sent it alone."""

    command_id: str | UnsetType | None = UNSET


class SessionReady(Event, frozen=True, tag="session.ready", kw_only=True):
    protocol: int = VERSION
    user: UserShape
    models: list[ModelShape]
    limits: Limits
    demo: bool


class Pong(Reply, frozen=True, tag="pong", kw_only=True):
    pass


class Done(Reply, frozen=True, tag="done", kw_only=True):
    """What was asked is stored, and the events that tell of it have gone out."""


class Error(Reply, frozen=True, tag="error", kw_only=True):
    code: ErrorCode
    detail: str
    field: str | UnsetType = UNSET
    retry_after_ms: int | UnsetType = UNSET

    @classmethod
    def of(cls, error: CommandError, command_id: str | None) -> "Error":
        return cls(
            command_id=command_id if command_id is not None else UNSET,
            code=error.code,
            detail=error.detail,
            field=error.field or UNSET,
            retry_after_ms=UNSET if error.retry_after_ms is None else error.retry_after_ms,
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
    pass


class GenerationInterrupted(Terminal, frozen=True, tag="generation.interrupted", kw_only=True):
    pass


class GenerationFailed(Terminal, frozen=True, tag="generation.failed", kw_only=True):
    code: FailureCode
    retryable: bool


EVENTS: tuple[type[Event], ...] = (
    SessionReady,
    Pong,
    Done,
    Error,
    MessageAccepted,
    GenerationCancelling,
    ConversationSnapshot,
    ConversationListed,
    ConversationHistoryEvent,
    ConversationFound,
    ConversationShared,
    PresetListed,
    MessageCreated,
    MessageRated,
    ConversationCreated,
    ConversationUpdated,
    ConversationDeleted,
    PresetSaved,
    PresetDeleted,
    GenerationCreated,
    GenerationQueued,
    GenerationStarted,
    GenerationRetrying,
    GenerationDelta,
    GenerationSnapshot,
    GenerationCompleted,
    GenerationCancelled,
    GenerationInterrupted,
    GenerationFailed,
)

_encoder = msgspec.json.Encoder(uuid_format="canonical")


def encode(event: Event) -> str:
    """Write one event as the text of a frame."""
    text: str = _encoder.encode(event).decode()
    return text
