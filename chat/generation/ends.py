"""The end of generations whose stream is over: text into the message, numbers, terminal event.

Many that end at the same moment end in one transaction: one commit and one lock of the fence for all.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from uuid import UUID

from chat.envelope import Envelope
from chat.generation.live import LiveGeneration, Outcome
from chat.generation.record import Ending, LeaseLostError, end_generations
from chat.threads import DATABASE_DOWN, DatabaseThreads
from chat.timing import Clock

log = logging.getLogger(__name__)

AT_ONCE = 50
# After a refusal the end is tried again as a failure with nothing but its text. If even that is refused it is asked
# for again and again: nobody but the database can say that a generation is over, and its text must not be dropped.
REFUSED_RETRY_S = 5.0

Ended = Callable[[list[LiveGeneration], list[Envelope]], None]


class Ends:
    """Ends generations in a thread of its own, so that nobody's deltas wait for another's end.

    `ended` is told of those that are over and what to publish, `lost` that nothing is ours any more.
    """

    def __init__(
        self, runner_id: UUID, clock: Clock, ended: Ended, lost: Callable[[], None]
    ) -> None:
        self._runner_id = runner_id
        self._clock = clock
        self._ended = ended
        self._lost = lost
        self._threads = DatabaseThreads("ends")
        self._task: asyncio.Task[None] | None = None
        self._refused_until: dict[UUID, float] = {}

    def start(self, over: Iterable[LiveGeneration]) -> None:
        """Begin to end some of these, unless others are being ended; the next tick asks again."""
        if self._task is not None and not self._task.done():
            return
        lives = self._chosen(over)
        if lives:
            self._task = asyncio.create_task(self._end(lives))

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel("ends stop")
            await asyncio.gather(self._task, return_exceptions=True)
        await self._threads.close()

    def _chosen(self, over: Iterable[LiveGeneration]) -> list[LiveGeneration]:
        """Take one of each conversation: each end has a revision of its own."""
        now = self._clock()
        chosen: dict[UUID, LiveGeneration] = {}
        for live in over:
            if len(chosen) < AT_ONCE and self._refused_until.get(live.id, now) <= now:
                chosen.setdefault(live.conversation, live)
        return list(chosen.values())

    async def _end(self, lives: list[LiveGeneration]) -> None:
        try:
            await self._write(lives)
        except LeaseLostError:
            self._lost()
        except DATABASE_DOWN as error:
            log.debug("ends wait for the database: %s", error)
        except Exception:
            log.exception("a batch of ends was refused; ending each generation by itself")
            await self._end_singly(lives)

    async def _end_singly(self, lives: list[LiveGeneration]) -> None:
        for live in lives:
            try:
                await self._write([live])
            except LeaseLostError:
                self._lost()
            except DATABASE_DOWN as error:
                log.debug("an end waits for the database: %s", error)
            except Exception as error:
                log.exception("generation %s cannot be ended as it should", live.id)
                live.outcome = Outcome.of_defect(error)
                live.outcome.is_bare = True
                self._refused_until[live.id] = self._clock() + REFUSED_RETRY_S

    async def _write(self, lives: list[LiveGeneration]) -> None:
        endings = [_ending(live) for live in lives]
        told = await self._threads.run(end_generations, self._runner_id, endings)
        for live in lives:
            self._refused_until.pop(live.id, None)
        self._ended(lives, told)


def _ending(live: LiveGeneration) -> Ending:
    assert live.outcome is not None  # noqa: S101  # only those that are over come here
    texts = live.buffer.content, live.buffer.reasoning
    return Ending(live.id, live.conversation, live.buffer.seq + 1, *texts, live.outcome)
