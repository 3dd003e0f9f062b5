"""Which queued generations start now: within the limits, fair between users, serial over processes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet, UUIDField

from chat.conversations.shapes import queued_envelope
from chat.envelope import Envelope
from chat.generation.record import LeaseLostError
from chat.models import Admission, Generation, Runner, Status
from chat.models.prepared import Given, prepared


@dataclass(frozen=True, slots=True)
class Limits:
    """How many generations may run at once: of all users together, and of one."""

    parallel: int
    per_user: int


class Claimed(NamedTuple):
    """A generation that is a runner's now."""

    id: UUID
    conversation: UUID
    owner: int


@dataclass(frozen=True, slots=True)
class Claims:
    """The generations that are this runner's now, and the positions of the others to publish."""

    generations: list[Claimed]
    envelopes: list[Envelope]


class Queued(NamedTuple):
    """One in the queue. `waiting`: the answer that its prompt follows is still being written.

    `at_once`: how many its owner may have running, if they have a limit of their own.
    """

    id: UUID
    conversation: UUID
    owner: int
    created_at: datetime
    position: int | None
    waiting: bool
    at_once: int | None = None


class _Live(NamedTuple):
    id: UUID
    conversation: UUID
    owner: int
    created_at: datetime
    position: int | None
    status: str
    message: UUID
    before: UUID | None
    cancelled_at: datetime | None
    at_once: int | None


def claim(runner_id: UUID, limits: Limits, known: frozenset[UUID] = frozenset()) -> Claims:
    """Start what may start. Raises `LeaseLostError`; then nothing is claimed.

    `known` are this runner's live generations. One of its that is not known was claimed in a
    transaction whose commit was not heard of: nobody has asked the provider for it yet.
    """
    work = dict(_work(runner=runner_id))
    unheard = [pk for pk, status in work.items() if status != Status.QUEUED and pk not in known]
    if unheard:
        return Claims(_ours(runner_id, unheard), [])
    if Status.QUEUED not in work.values():
        return Claims([], [])
    with transaction.atomic():
        Admission.lock()
        if not Runner.objects.holds_lease(runner_id):
            raise LeaseLostError(str(runner_id))
        running, waiting = _live()
        queue = fair_order(waiting, running)
        chosen = admissible(queue, running, limits)
        ours = _start(chosen, runner_id)
    return Claims(ours, _place([queued for queued in queue if queued not in chosen]))


@prepared
def _work() -> QuerySet[Generation, tuple[UUID, str]]:
    is_ours = Q(status=Status.IN_PROGRESS, runner=Given("runner", UUIDField()))
    found = Generation.objects.filter(Q(status=Status.QUEUED) | is_ours)
    return found.order_by().values_list("pk", "status")


def fair_order(queue: list[Queued], running: Counter[int]) -> list[Queued]:
    """Order a queue (oldest first) so that who has least running or ahead goes first."""
    ahead = Counter(running)
    turns = []
    for queued in queue:
        turns.append((ahead[queued.owner], queued.created_at, queued))
        ahead[queued.owner] += 1
    return [queued for *_, queued in sorted(turns, key=lambda turn: turn[:2])]


def admissible(queue: list[Queued], running: Counter[int], limits: Limits) -> list[Queued]:
    """Choose from the front of the queue what fits in the limits and waits for nothing."""
    running = Counter(running)
    chosen = []
    for queued in queue:
        full = running.total() >= limits.parallel
        of_owner = queued.at_once or limits.per_user
        if full or queued.waiting or running[queued.owner] >= of_owner:
            continue
        running[queued.owner] += 1
        chosen.append(queued)
    return chosen


def _live() -> tuple[Counter[int], list[Queued]]:
    """Read how many run for each owner, and the queue, oldest first. One query: this runs often."""
    rows = [_Live(*row) for row in _all_live()]
    being_written = {row.message for row in rows}
    running = Counter(row.owner for row in rows if row.status == Status.IN_PROGRESS)
    queue = [
        Queued(*row[:5], waiting=row.before in being_written, at_once=row.at_once)
        for row in rows
        if row.status == Status.QUEUED and row.cancelled_at is None
    ]
    return running, queue


@prepared
def _all_live() -> QuerySet[Generation, tuple[Any, ...]]:
    return (
        Generation.objects.live()
        .order_by("created_at", "id")
        .values_list(
            "pk",
            "conversation",
            "owner",
            "created_at",
            "position",
            "status",
            "message",
            "message__parent__parent",
            "cancel_requested_at",
            "owner__limits__at_once",
        )
    )


def _start(chosen: list[Queued], runner_id: UUID) -> list[Claimed]:
    """Make these the runner's, and return those that are: one may have been cancelled meanwhile."""
    ids = [queued.id for queued in chosen]
    if Generation.objects.claim(ids, runner_id) < len(ids):
        return _ours(runner_id, ids)
    return [Claimed(queued.id, queued.conversation, queued.owner) for queued in chosen]


def _ours(runner_id: UUID, ids: list[UUID]) -> list[Claimed]:
    """Read those of `ids` that are this runner's, in that order."""
    rows = Generation.objects.of_runner(runner_id).filter(pk__in=ids)
    found = {row[0]: Claimed(*row) for row in rows.values_list("pk", "conversation", "owner")}
    return [found[pk] for pk in ids if pk in found]


def _place(queue: list[Queued]) -> list[Envelope]:
    """Store the new positions and return what to publish.

    Outside the claim's transaction: a long queue takes a while, and that holds the runner's row,
    without which nothing of it is stored.
    """
    places = {queued: place for place, queued in enumerate(queue, start=1)}
    moved = {queued: place for queued, place in places.items() if queued.position != place}
    if not moved:
        return []
    rows = [Generation(pk=queued.id, position=place) for queued, place in moved.items()]
    Generation.objects.queued().bulk_update(rows, ["position"], batch_size=500)
    return [queued_envelope(q.conversation, q.id, place) for q, place in moved.items()]
