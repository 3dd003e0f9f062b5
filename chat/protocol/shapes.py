"""What events are made of."""

from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from chat.protocol.commands import Params, RatingReason, RatingValue


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
    by_staff: bool | UnsetType = UNSET


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
    compared: UUID | None = None


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
    prompts_per_day: int | None = None
    tokens_per_day: int | None = None
