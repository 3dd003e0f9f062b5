"""One row of each kind as it is taken out: the columns of a CSV file, the fields of a line of JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from chat.models import Access, Conversation, Generation, Message, Rating, Review, ReviewNote

T = TypeVar("T", bound=msgspec.Struct)
# What a text becomes before it leaves.
Words = Callable[[str], str]


class ConversationRow(msgspec.Struct):
    id: UUID
    owner_id: int
    owner: str
    title: str
    title_source: str
    model: str
    params: dict[str, Any]
    tags: list[str]
    pinned: bool
    archived: bool
    head: UUID | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class MessageRow(msgspec.Struct):
    id: UUID
    conversation: UUID
    title: str
    owner_id: int
    owner: str
    role: str
    parent: UUID | None
    created_at: datetime
    content: str
    reasoning: str
    rating: str
    rating_reason: str
    rating_comment: str


class GenerationRow(msgspec.Struct):
    id: UUID
    message: UUID
    conversation: UUID
    owner_id: int
    owner: str
    continues: UUID | None
    model: str
    params: dict[str, Any]
    status: str
    finish_reason: str
    code: str
    retryable: bool
    detail: str
    created_at: datetime
    started_at: datetime | None
    cancel_requested_at: datetime | None
    ended_at: datetime | None
    stopped_by: str
    input_tokens: int | None
    output_tokens: int | None
    usage_estimated: bool
    cost: Decimal | None
    omitted: int
    queue_ms: int | None
    ttft_ms: int | None
    reasoning_ms: int | None
    content_ms: int | None
    total_ms: int | None
    gap_p50_ms: int | None
    gap_p95_ms: int | None
    chunks: int | None
    chars: int | None


class NoteRow(msgspec.Struct):
    at: datetime
    author: str
    act: str
    what: str
    text: str


class ReviewRow(msgspec.Struct):
    id: int
    message: UUID
    conversation: UUID
    owner_id: int
    owner: str
    rated_down: bool
    failed: bool
    flagged: bool
    model: str
    # None for who may not view generations.
    code: str | None
    rating_reason: str
    since: datetime
    assigned_to: str
    resolved_at: datetime | None
    resolved_by: str
    outcome: str
    prompt: str
    answer: str
    notes: list[NoteRow]


class AccessRow(msgspec.Struct):
    id: int
    at: datetime
    reader_id: int
    reader: str
    what: str
    conversation: UUID | None
    owner_id: int | None
    owner: str
    query: str
    reason: str
    address: str


Row = ConversationRow | MessageRow | GenerationRow | ReviewRow | AccessRow


def conversation_row(conversation: Conversation, words: Words) -> ConversationRow:
    given = {
        "owner": conversation.owner.get_username(),
        "title": words(conversation.title),
        "params": _in_words(conversation.params, words),
        "tags": _in_words(conversation.tags, words),
        "head": conversation.head_id,
    }
    return _row(ConversationRow, conversation, given)


def message_row(message: Message, rating: Rating | None, words: Words) -> MessageRow:
    conversation = message.conversation
    given = {
        "conversation": conversation.pk,
        "title": words(conversation.title),
        "owner_id": conversation.owner_id,
        "owner": conversation.owner.get_username(),
        "parent": message.parent_id,
        "content": words(message.content),
        "reasoning": words(message.reasoning),
        "rating": rating.value if rating else "",
        "rating_reason": rating.reason if rating else "",
        "rating_comment": words(rating.comment) if rating else "",
    }
    return _row(MessageRow, message, given)


def generation_row(generation: Generation, words: Words) -> GenerationRow:
    given = {
        "message": generation.message_id,
        "conversation": generation.conversation_id,
        "owner": generation.owner.get_username(),
        "continues": generation.continues_id,
        "params": _in_words(generation.params, words),
        "detail": words(generation.detail),
    }
    return _row(GenerationRow, generation, given)


def review_row(
    review: Review, notes: list[ReviewNote], words: Words, *, with_code: bool
) -> ReviewRow:
    owner, prompt = review.conversation.owner, review.message.parent
    given = {
        "message": review.message_id,
        "conversation": review.conversation_id,
        "owner_id": owner.pk,
        "owner": owner.get_username(),
        "code": review.code if with_code else None,
        "assigned_to": review.assigned_name,
        "resolved_by": review.resolved_by_name,
        "prompt": words(prompt.content) if prompt else "",
        "answer": words(review.message.content),
        "notes": [note_row(note, words) for note in notes],
    }
    return _row(ReviewRow, review, given)


def note_row(note: ReviewNote, words: Words) -> NoteRow:
    return _row(NoteRow, note, {"author": note.author_name, "text": words(note.text)})


def access_row(access: Access, words: Words) -> AccessRow:
    given = {
        "reader_id": access.reader,
        "reader": access.reader_name,
        "owner_id": access.owner,
        "owner": access.owner_name,
        "query": words(access.query),
        "reason": words(access.reason),
    }
    return _row(AccessRow, access, given)


def _row(kind: type[T], source: Any, given: dict[str, Any]) -> T:
    """Fill a row with what is given, and the rest from the attributes of those names."""
    same = {n: getattr(source, n) for n in kind.__struct_fields__ if n not in given}
    return kind(**same, **given)


def _in_words(value: Any, words: Words) -> Any:
    """Have the texts within a value of JSON go through `words`, names of parameters not."""
    if isinstance(value, str):
        return words(value)
    if isinstance(value, list):
        return [_in_words(each, words) for each in value]
    if isinstance(value, dict):
        return {name: _in_words(each, words) for name, each in value.items()}
    return value
