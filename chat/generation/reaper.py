"""End what dead processes left behind, and forget logs that nobody needs any more."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from chat.envelope import Envelope
from chat.generation.live import Outcome
from chat.generation.record import Ending, end
from chat.models import Delta, Generation, Runner, Status
from chat.models.runner import LEASE
from chat.threads import DATABASE_ERRORS
from chat.timing import Clock

T = TypeVar("T")

log = logging.getLogger(__name__)

# Exact resume for late watchers.
KEEP_LOG = timedelta(minutes=10)
FORGET_AT_ONCE = 20
SIGHTINGS = 2
# Looks come every 2 s; a longer silence between two says that the database was away, from here at least.
BREAK_S = LEASE.total_seconds() / 2
# After one every runner gets the time of three heartbeats to renew its lease, before leases mean anything again:
# while the database was away nobody could.
SETTLE_S = 6.0


class Reaper:
    """Looks every two seconds; a lease must be seen expired and unchanged twice before it is over.

    And only who has looked for a while without a break may judge: leases run out while the database is away.
    """

    def __init__(self, own_id: UUID, clock: Clock = time.monotonic) -> None:
        # A process that can reap is not dead, whatever its lease says.
        self._own_id = own_id
        self._clock = clock
        self._looked_at = self._looking_since = clock()
        self._seen: dict[UUID, tuple[datetime, int]] = {}

    def reap(self) -> list[Envelope]:
        """Bury the runners whose lease is over and end their generations; return what to publish.

        One that cannot be ended now (locked, or refused) keeps nobody else from it.
        """
        self._note_expired()
        self._note_look()
        for runner_id, (lease, sightings) in self._seen.items():
            if sightings >= SIGHTINGS and self._may_judge:
                _unless_refused(Runner.objects.bury, runner_id, lease)
        left = Generation.objects.running().filter(runner__ended_at__isnull=False)
        ids = list(left.values_list("pk", flat=True))
        ended = [_unless_refused(_end_from_log, pk) for pk in ids]
        return [envelope for envelope in ended if envelope is not None]

    @property
    def _may_judge(self) -> bool:
        return self._clock() - self._looking_since >= SETTLE_S

    def _note_look(self) -> None:
        now = self._clock()
        if now - self._looked_at > BREAK_S:
            self._looking_since = now
        self._looked_at = now

    def _note_expired(self) -> None:
        others = Runner.objects.expired().exclude(pk=self._own_id)
        expired = others.values_list("pk", "lease_expires_at")
        self._seen = {pk: (lease, self._times(pk, lease) + 1) for pk, lease in expired}

    def _times(self, runner_id: UUID, lease: datetime) -> int:
        before, times = self._seen.get(runner_id, (lease, 0))
        return times if before == lease else 0


def forget_old_logs() -> int:
    """Delete the delta rows of a few generations that ended over ten minutes ago; return how many."""
    old = Delta.objects.filter(generation__ended_at__lt=Now() - KEEP_LOG)
    ids = list(old.values_list("generation", flat=True).distinct()[:FORGET_AT_ONCE])
    if not ids:
        return 0
    deleted, _ = Delta.objects.filter(generation__in=ids).delete()
    return deleted


def _unless_refused(work: Callable[..., T], *args: object) -> T | None:
    try:
        return work(*args)
    except DATABASE_ERRORS as error:
        log.warning("%s of %s is put off: %s", getattr(work, "__name__", work), args[0], error)
        return None


def _end_from_log(generation_id: UUID) -> Envelope | None:
    with transaction.atomic():
        generation = Generation.objects.running().filter(pk=generation_id).first()
        if generation is None or generation.runner_id is None:
            return None
        # The dead runner's row, locked: a write of its own that is under way ends first.
        Runner.objects.select_for_update(no_key=True).get(pk=generation.runner_id)
        seq, content, reasoning = Delta.objects.text_of(generation_id)
        cancelled = generation.cancel_requested_at is not None
        outcome = Outcome(Status.CANCELLED if cancelled else Status.INTERRUPTED)
        place = generation_id, generation.conversation_id
        (told,) = end(generation.runner_id, [Ending(*place, seq + 1, content, reasoning, outcome)])
        return told
