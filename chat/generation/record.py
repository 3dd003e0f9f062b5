"""The runner's writes to the record: each one transaction, fenced by the runner's own row.

Lock order: admission, runner, conversation, message, generation, delta.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce, Concat
from django.utils import timezone

from chat.conversations.shapes import terminal_envelope
from chat.deltas import Kind
from chat.envelope import Envelope
from chat.generation.live import Outcome
from chat.generation.tokens import estimated_tokens
from chat.models import Conversation, Delta, Generation, LanguageModel, Message, Runner, Status
from chat.timing import Measured

Row = tuple[UUID, int, Kind, str]


class LeaseLostError(Exception):
    """Another process has taken this runner for dead: nothing it holds is its own any more."""


def store_deltas(runner_id: UUID, rows: list[Row]) -> list[UUID]:
    """Append `(generation, seq, kind, text)` rows; return which of ours are to be cancelled.

    Raises `LeaseLostError`; then nothing is written. Written again, rows change nothing.
    """
    with transaction.atomic():
        if rows:
            _check_lease(runner_id)
            Delta.objects.append(rows)
        flagged = Generation.objects.of_runner(runner_id).filter(cancel_requested_at__isnull=False)
        return list(flagged.values_list("pk", flat=True))


def end_generation(
    runner_id: UUID, generation_id: UUID, seq: int, content: str, reasoning: str, outcome: Outcome
) -> Envelope | None:
    """Write the text into the message and end the generation, with `seq` its terminal event's.

    Returns what to publish; None when the generation was not ours to end. Raises `LeaseLostError`.
    """
    with transaction.atomic():
        _check_lease(runner_id)
        return end(runner_id, generation_id, seq, content, reasoning, outcome)


def end(
    runner_id: UUID, generation_id: UUID, seq: int, content: str, reasoning: str, outcome: Outcome
) -> Envelope | None:
    """Do the work of `end_generation` in a transaction that has looked at the fence."""
    generation = Generation.objects.get(pk=generation_id)
    conversation = Conversation.objects.locked(generation.conversation_id)
    changes = _numbers(generation, content, reasoning, outcome)
    if not Generation.objects.end_running(generation_id, runner_id, seq=seq, **changes):
        return None
    revision = conversation.advance()
    _append_text(generation.message_id, content, reasoning, revision)
    generation.refresh_from_db()
    return terminal_envelope(conversation, generation)


def _check_lease(runner_id: UUID) -> None:
    if not Runner.objects.holds_lease(runner_id):
        raise LeaseLostError(str(runner_id))


def _append_text(message_id: UUID, content: str, reasoning: str, revision: int) -> None:
    changes: dict[str, Any] = {"revision": revision}
    if content:
        changes["content"] = Concat("content", Value(content))
    if reasoning:
        changes["reasoning"] = Concat("reasoning", Value(reasoning))
    Message.objects.filter(pk=message_id).update(**changes)


def _numbers(
    generation: Generation, content: str, reasoning: str, outcome: Outcome
) -> dict[str, object]:
    queued = None
    if generation.started_at is not None:
        queued = max(
            0, round((generation.started_at - generation.created_at).total_seconds() * 1000)
        )
    measured = outcome.measured
    cancelled = {"cancel_requested_at": Coalesce("cancel_requested_at", timezone.now())}
    return {
        **(cancelled if outcome.status == Status.CANCELLED else {}),
        "status": outcome.status,
        "finish_reason": outcome.finish_reason,
        "code": outcome.code,
        "retryable": outcome.retryable,
        "detail": outcome.detail,
        **_tokens(generation, outcome, content + reasoning),
        "queue_ms": queued,
        **(_times(measured) if measured else {}),
        "chars": len(content) + len(reasoning),
        "content_chars": len(content),
        "reasoning_chars": len(reasoning),
    }


def _tokens(generation: Generation, outcome: Outcome, text: str) -> dict[str, object]:
    """Count or estimate, and fix the cost at the price of now: prices change, bills do not."""
    counted = outcome.output_tokens is not None
    read = outcome.input_tokens
    written = outcome.output_tokens if counted else estimated_tokens(text)
    model = LanguageModel.objects.filter(name=generation.model).first()
    was_billed = counted or bool(text)
    return {
        "input_tokens": read,
        "output_tokens": written,
        "usage_estimated": not counted,
        "cost": model.cost(read, written) if model is not None and was_billed else None,
    }


def _times(measured: Measured) -> dict[str, object]:
    # `chars` is told by the text that was stored: after a cancel less than what was read.
    return {name: value for name, value in asdict(measured).items() if name != "chars"}


def retire(runner_id: UUID) -> None:
    """Give the lease back at a clean stop, so that nobody waits for it to run out."""
    Runner.objects.retire(runner_id)


def rows_of(generation_id: UUID, deltas: Iterable[Any]) -> list[Row]:
    return [(generation_id, delta.seq, delta.kind, delta.text) for delta in deltas]
