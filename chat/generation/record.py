"""The runner's writes to the record: each one transaction, fenced by the runner's own row.

Lock order: admission, runner, conversation, message, generation, delta.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, UUIDField, Value
from django.db.models.functions import Coalesce, Concat, Now

from chat.conversations.shapes import terminal_envelope
from chat.deltas import Kind
from chat.envelope import Envelope
from chat.generation.live import Outcome
from chat.generation.tokens import estimated_tokens
from chat.models import Conversation, Delta, Generation, LanguageModel, Message, Runner, Status
from chat.models.prepared import Given, prepared
from chat.reviews import note_failures
from chat.timing import Measured

FINISH_REASON_MAX_CHARS = 40
INTEGER_MAX = 2**31 - 1

Row = tuple[UUID, int, Kind, str]


class LeaseLostError(Exception):
    """Another process has taken this runner for dead: nothing it holds is its own any more."""


def store_deltas(runner_id: UUID, rows: list[Row]) -> list[UUID]:
    """Append `(generation, seq, kind, text)` rows; return which of ours are to be cancelled.

    Raises `LeaseLostError`; then nothing is written. Written again, rows change nothing.
    """
    if not rows:
        return _flagged(runner_id)
    with transaction.atomic():
        _check_lease(runner_id)
        Delta.objects.append(rows)
        return _flagged(runner_id)


def _flagged(runner_id: UUID) -> list[UUID]:
    return _to_be_cancelled(runner=runner_id)


@prepared
def _to_be_cancelled() -> QuerySet[Generation, UUID]:
    ours = Generation.objects.of_runner(Given("runner", UUIDField()))
    return ours.filter(cancel_requested_at__isnull=False).values_list("pk", flat=True)


@dataclass(frozen=True, slots=True)
class Ending:
    """How one generation is to end; `seq` is its terminal event's, the texts are its own."""

    generation: UUID
    conversation: UUID
    seq: int
    content: str
    reasoning: str
    outcome: Outcome


def end_generations(runner_id: UUID, endings: list[Ending]) -> list[Envelope]:
    """End generations of different conversations in one transaction; return what to publish.

    What is not this runner's any more is left as it is. Raises `LeaseLostError`.
    """
    with transaction.atomic():
        _check_lease(runner_id)
        return end(runner_id, endings)


def end(runner_id: UUID, endings: list[Ending]) -> list[Envelope]:
    """Do the work of `end_generations` in a transaction that has looked at the fence."""
    conversations = Conversation.objects.locked_all(ending.conversation for ending in endings)
    ids = [ending.generation for ending in endings]
    generations = Generation.objects.of_runner(runner_id).in_bulk(ids)
    ours = [ending for ending in endings if ending.generation in generations]
    Conversation.objects.advance_all([conversations[ending.conversation] for ending in ours])
    prices = LanguageModel.objects.in_bulk({each.model for each in generations.values()})
    told = [
        _end(ending, generations[ending.generation], conversations[ending.conversation], prices)
        for ending in ours
    ]
    note_failures(generations.values(), conversations)
    return told


def _end(
    ending: Ending,
    generation: Generation,
    conversation: Conversation,
    prices: Mapping[str, LanguageModel],
) -> Envelope:
    changes = _numbers(ending, generation, prices.get(generation.model))
    if not Generation.objects.end_running(generation, seq=ending.seq, **changes):
        # Its conversation's revision has grown for it: all of the transaction goes back.
        raise LeaseLostError(str(generation.runner_id))
    _append_text(generation.message_id, ending, conversation.revision)
    return terminal_envelope(conversation, generation)


def _check_lease(runner_id: UUID) -> None:
    if not Runner.objects.holds_lease(runner_id):
        raise LeaseLostError(str(runner_id))


def _append_text(message_id: UUID, ending: Ending, revision: int) -> None:
    changes: dict[str, Any] = {"revision": revision}
    if ending.content:
        changes["content"] = Concat("content", Value(ending.content))
    if ending.reasoning:
        changes["reasoning"] = Concat("reasoning", Value(ending.reasoning))
    Message.objects.filter(pk=message_id).update(**changes)


def _numbers(
    ending: Ending, generation: Generation, model: LanguageModel | None
) -> dict[str, object]:
    outcome, measured = ending.outcome, ending.outcome.measured
    bare = {
        "status": outcome.status,
        "finish_reason": outcome.finish_reason[:FINISH_REASON_MAX_CHARS],
        "code": outcome.code,
        "retryable": outcome.retryable,
        "detail": outcome.detail,
        "content_chars": len(ending.content),
        "reasoning_chars": len(ending.reasoning),
    }
    if outcome.is_bare:
        return bare
    return bare | {
        "queue_ms": _queue_ms(generation),
        "chars": len(ending.content) + len(ending.reasoning),
        **_tokens(ending, model),
        **(_times(measured) if measured else {}),
        **(_cancelled() if outcome.status == Status.CANCELLED else {}),
    }


def _cancelled() -> dict[str, object]:
    """Say when: a cancel in the process that writes needs no flag to take effect."""
    return {"cancel_requested_at": Coalesce("cancel_requested_at", Now())}


def _queue_ms(generation: Generation) -> int | None:
    if generation.started_at is None:
        return None
    waited = generation.started_at - generation.created_at
    return max(0, round(waited.total_seconds() * 1000))


def _tokens(ending: Ending, model: LanguageModel | None) -> dict[str, object]:
    """Count or estimate, and fix the cost at the price of now: prices change, bills do not."""
    text = ending.content + ending.reasoning
    counted = ending.outcome.output_tokens is not None
    read = _storable(ending.outcome.input_tokens)
    written = _storable(ending.outcome.output_tokens) if counted else estimated_tokens(text)
    was_billed = counted or bool(text)
    return {
        "input_tokens": read,
        "output_tokens": written,
        "usage_estimated": not counted,
        "cost": model.cost(read, written) if model is not None and was_billed else None,
    }


def _storable(tokens: int | None) -> int | None:
    """Take a provider's count only if it can be one: no odd number is worth an answer."""
    return tokens if tokens is not None and 0 <= tokens <= INTEGER_MAX else None


def _times(measured: Measured) -> dict[str, object]:
    # `chars` is told by the text that was stored: after a cancel less than what was read.
    return {name: value for name, value in asdict(measured).items() if name != "chars"}


def retire(runner_id: UUID) -> None:
    """Give the lease back at a clean stop, so that nobody waits for it to run out."""
    Runner.objects.retire(runner_id)


def rows_of(generation_id: UUID, deltas: Iterable[Any]) -> list[Row]:
    return [(generation_id, delta.seq, delta.kind, delta.text) for delta in deltas]
