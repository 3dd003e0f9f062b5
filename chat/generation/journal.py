"""Persist, then publish: one transaction a tick for all live generations of the process.

Each tick opens a window in which every stream reads once what its provider has sent; the text is
written in a thread of the Journal's own; only then the Hub gets it. A slow database makes ticks
longer and batches bigger: that is the back-pressure.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from uuid import UUID

from chat.conversations.shapes import delta_envelope
from chat.deltas import Delta, Kind
from chat.envelope import Envelope
from chat.generation.ends import Ends
from chat.generation.live import LiveGeneration, Outcome
from chat.generation.record import LeaseLostError, Row, rows_of, store_deltas
from chat.hub import Hub
from chat.models import Status
from chat.threads import DATABASE_DOWN, DatabaseThreads
from chat.timing import Clock

log = logging.getLogger(__name__)

UNSAVED_MAX_CHARS = 256 * 1024
UNSAVED_MAX_S = 5.0
OUTAGE_RETRY_S = 0.5
# Turns of the event loop from an open window to text in the buffers: the stream wakes, the socket is
# polled, its reader wakes. 98 % of the text is there after three with uvloop, after four with asyncio, and
# none before.
WINDOW_TURNS = 5

Batch = list[tuple[LiveGeneration, list[Delta]]]


class Journal:
    """Owns the live generations from claim to end.

    `outage_max_s`: text that could not be stored for so long ends its stream as interrupted. `ended` is called for
    each generation that left; `lost` when another process has taken us for dead.
    """

    def __init__(
        self,
        runner_id: UUID,
        hub: Hub,
        clock: Clock,
        window_s: float,
        outage_max_s: float,
        ended: Callable[[LiveGeneration], None],
        lost: Callable[[], None],
    ) -> None:
        self._runner_id = runner_id
        self._hub = hub
        self._clock = clock
        self._window_s = window_s
        self._outage_max_s = outage_max_s
        self._ended = ended
        self._lost = lost
        self._live: dict[UUID, LiveGeneration] = {}
        self._writes = DatabaseThreads("journal")
        self._ends = Ends(runner_id, clock, ended=self._leave, lost=lost)
        self._added = asyncio.Event()
        self._kick = asyncio.Event()
        self._window = asyncio.Event()
        self._is_down = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop ticking and close the threads; what is not stored by now was shown to nobody."""
        if self._task is not None:
            self._task.cancel("journal stops")
            await asyncio.gather(self._task, return_exceptions=True)
        await self._ends.stop()
        await self._writes.close()

    def add(self, live: LiveGeneration) -> None:
        self._live[live.id] = live
        self._added.set()

    def push(self, live: LiveGeneration, kind: Kind, text: str) -> None:
        """Take text from a stream. The first of a generation does not wait for the tick."""
        is_first = live.buffer.seq == 0 and live.buffer.is_stored
        live.buffer.push(kind, text)
        if live.unsaved_since is None:
            live.unsaved_since = self._clock()
        if is_first:
            self._kick.set()

    def finish(self, live: LiveGeneration, outcome: Outcome) -> None:
        """Note how the stream of `live` ended; it is stored and told after its last text."""
        if outcome.status in (Status.CANCELLED, Status.INTERRUPTED):
            live.buffer.drop_pending()
        live.outcome = outcome
        self._kick.set()

    async def window(self, live: LiveGeneration) -> None:
        """Wait until a stream may read on: once a tick, and not while too much is unsaved."""
        await self._window.wait()
        while self._is_behind(live):
            await self._window.wait()

    def _is_behind(self, live: LiveGeneration) -> bool:
        if live.unsaved_since is None:
            return False
        too_long = self._clock() - live.unsaved_since > UNSAVED_MAX_S
        return too_long or live.buffer.unsaved_chars > UNSAVED_MAX_CHARS

    async def _run(self) -> None:
        # A generation that was just claimed has no text yet.
        pause = self._window_s
        while True:
            if not self._live:
                self._kick.clear()
                self._added.clear()
                await self._added.wait()
            await self._wait_for_kick(pause)
            self._kick.clear()
            began = self._clock()
            try:
                await self._tick()
            except Exception:
                # A tick that dies must not take all later ones with it.
                log.exception("a tick of the journal failed")
            self._interrupt_overdue()
            pause = OUTAGE_RETRY_S if self._is_down else self._window_s
            pause = max(0.0, pause - (self._clock() - began))

    def _interrupt_overdue(self) -> None:
        """Let go of providers that the database has kept waiting for too long.

        An idle stream holds a place at the provider, and some bill it. What was taken before is stored when the database
        is back; only then the end is, and from there a person may continue.
        """
        for live in self._live.values():
            if live.unsaved_since is None or live.outcome is not None:
                continue
            if self._clock() - live.unsaved_since > self._outage_max_s:
                log.error("generation %s ends: its text could not be stored in time", live.id)
                live.stop(Status.INTERRUPTED)

    async def _wait_for_kick(self, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await self._kick.wait()
        except TimeoutError:
            pass

    async def _tick(self) -> None:
        await self._open_window()
        batch = [
            (live, live.buffer.take()) for live in self._live.values() if not live.buffer.is_stored
        ]
        try:
            flagged = await self._writes.run(store_deltas, self._runner_id, _rows(batch))
        except LeaseLostError:
            self._lost()
            return
        except DATABASE_DOWN as error:
            self._note_outage(error)
            return
        except Exception:
            log.exception("a batch of deltas was refused; storing each generation's by itself")
            flagged = await self._store_singly(batch)
        else:
            self._publish(batch)
        self._note_outage(None)
        self._stop_flagged(flagged)
        self._ends.start(live for live in self._live.values() if live.is_over)

    async def _open_window(self) -> None:
        """Let every stream read once: those with bytes waiting do so before this returns."""
        window, self._window = self._window, asyncio.Event()
        window.set()
        for _ in range(WINDOW_TURNS):
            await asyncio.sleep(0)

    def _publish(self, batch: Batch) -> None:
        for live, deltas in batch:
            live.buffer.stored(deltas)
            live.unsaved_since = self._clock() if live.buffer.has_pending else None
        self._hub.publish(
            [
                delta_envelope(live.conversation, live.id, *delta)
                for live, deltas in batch
                for delta in deltas
            ]
        )

    async def _store_singly(self, batch: Batch) -> list[UUID]:
        flagged: list[UUID] = []
        for live, deltas in batch:
            try:
                rows = _rows([(live, deltas)])
                flagged = await self._writes.run(store_deltas, self._runner_id, rows)
                self._publish([(live, deltas)])
            except LeaseLostError:
                self._lost()
                return []
            except DATABASE_DOWN as error:
                self._note_outage(error)
            except Exception as error:
                log.exception("generation %s cannot be stored", live.id)
                self._fail(live, error)
        return flagged

    def _fail(self, live: LiveGeneration, error: Exception) -> None:
        """End only the culprit: with what was stored of it, and without what could not be."""
        live.stop(Status.FAILED)
        live.buffer.drop_unstored()
        live.outcome = Outcome.of_defect(error)

    def _leave(self, lives: list[LiveGeneration], told: list[Envelope]) -> None:
        for live in lives:
            del self._live[live.id]
        self._hub.publish(told, hint=True)
        for live in lives:
            self._ended(live)
        # More may have ended than went into one transaction.
        self._kick.set()

    def _note_outage(self, error: Exception | None) -> None:
        if self._is_down != (error is not None):
            self._is_down = error is not None
            log.warning("the database %s", f"is down: {error}" if error else "is back")

    def _stop_flagged(self, flagged: list[UUID]) -> None:
        for generation_id in flagged:
            if live := self._live.get(generation_id):
                live.stop(Status.CANCELLED)


def _rows(batch: Batch) -> list[Row]:
    return [row for live, deltas in batch for row in rows_of(live.id, deltas)]
