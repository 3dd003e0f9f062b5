"""Which queued generations start now: within the limits, fair between users, serial over processes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.db import transaction

from chat.conversations.shapes import queued_envelope
from chat.envelope import Envelope
from chat.generation.record import LeaseLostError
from chat.models import Admission, Generation, Runner


@dataclass(frozen=True, slots=True)
class Limits:
    """How many generations may run at once: of all users together, and of one."""

    parallel: int
    per_user: int


@dataclass(frozen=True, slots=True)
class Claims:
    """The generations that are this runner's now, and the positions of the others to publish."""

    generations: list[Generation]
    envelopes: list[Envelope]


def claim(runner_id: UUID, limits: Limits, known: frozenset[UUID] = frozenset()) -> Claims:
    """Start what may start. Raises `LeaseLostError`; then nothing is claimed.

    `known` are this runner's live generations. One of its that is not known was claimed in a
    transaction whose commit was not heard of: nobody has asked the provider for it yet.
    """
    unheard = list(Generation.objects.of_runner(runner_id).exclude(pk__in=known))
    if unheard or not Generation.objects.queued().exists():
        return Claims(unheard, [])
    with transaction.atomic():
        Admission.lock()
        if not Runner.objects.holds_lease(runner_id):
            raise LeaseLostError(str(runner_id))
        running = Counter(Generation.objects.running().values_list("owner", flat=True))
        queue = fair_order(_queued(), running)
        chosen = [g for g in admissible(queue, running, limits) if _claimed(g, runner_id)]
    return Claims(chosen, _place([g for g in queue if g not in chosen]))


def fair_order(queue: list[Generation], running: Counter[int]) -> list[Generation]:
    """Order a queue (oldest first) so that who has least running or ahead goes first."""
    ahead = Counter(running)
    turns = []
    for generation in queue:
        turns.append((ahead[generation.owner_id], generation.created_at, generation))
        ahead[generation.owner_id] += 1
    return [generation for *_, generation in sorted(turns, key=lambda turn: turn[:2])]


def admissible(queue: list[Generation], running: Counter[int], limits: Limits) -> list[Generation]:
    """Choose from the front of the queue what fits in the limits and waits for nothing."""
    running = Counter(running)
    chosen = []
    for generation in queue:
        full = running.total() >= limits.parallel
        if full or generation.waiting or running[generation.owner_id] >= limits.per_user:  # type: ignore[attr-defined]
            continue
        running[generation.owner_id] += 1
        chosen.append(generation)
    return chosen


def _queued() -> list[Generation]:
    queued = Generation.objects.queued().filter(cancel_requested_at__isnull=True)
    return list(queued.with_waiting().order_by("created_at", "id"))


def _claimed(generation: Generation, runner_id: UUID) -> bool:
    return Generation.objects.claim(generation.pk, runner_id)


def _place(queue: list[Generation]) -> list[Envelope]:
    """Store the new positions and return what to publish.

    Outside the claim's transaction: a long queue takes a while, and that holds the runner's row,
    without which nothing of it is stored.
    """
    moved = []
    for position, generation in enumerate(queue, start=1):
        if generation.position != position:
            generation.position = position
            moved.append(generation)
    Generation.objects.queued().bulk_update(moved, ["position"], batch_size=500)
    return [queued_envelope(g.conversation_id, g.pk, cast("int", g.position)) for g in moved]
