"""An event loop that never waits: one for each simulated process, all on one virtual clock."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chat.threads import DatabaseThreads

# A process that is never done is a defect: nothing of ours turns so often at one moment.
TURNS_MAX = 20_000


class VirtualClock:
    """Seconds, as `time.monotonic` gives them; they pass when the machine says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass(eq=False)
class Job:
    """What a thread of the process is to do: begun by `work`, told to the process by `tell`."""

    executor: Any
    unit: Callable[..., Any]
    args: tuple[Any, ...]
    future: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None
    is_done: bool = False

    @property
    def name(self) -> str:
        return str(getattr(self.unit, "__name__", self.unit))

    def work(self, do: Callable[..., Any]) -> None:
        self.is_done = True
        try:
            self.result = do(self.unit, self.args)
        except Exception as error:  # noqa: BLE001  # it is the process's to handle
            self.error = error

    def tell(self) -> None:
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs what is due and returns; what would go to threads lies in `jobs` until somebody does it."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock
        # The base class asks its selector to wait for the network: there is none.
        self._selector = self
        self.jobs: list[Job] = []
        self.defects: list[dict[str, Any]] = []
        self.set_exception_handler(lambda _, context: self.defects.append(context))

    def time(self) -> float:
        return self._clock()

    def select(self, timeout: float | None) -> list[Any]:
        return []

    def _process_events(self, event_list: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = self.create_future()
        # A unit of work on its way into the database's threads; what else runs in threads, runs as it is.
        if isinstance(getattr(func, "__self__", None), DatabaseThreads):
            func, args, *_ = args
        self.jobs.append(Job(executor, func, args, future))
        return future

    @property
    def next_at(self) -> float | None:
        """When its next timer is due."""
        times = (timer.when() for timer in self._scheduled if not timer.cancelled())
        return min(times, default=None)

    def settle(self) -> bool:
        """Run all that is due now; return whether there was anything."""
        turns = 0
        asyncio._set_running_loop(self)
        try:
            while self._is_due():
                self._run_once()
                turns += 1
                assert turns < TURNS_MAX, "a process turns without end"
        finally:
            asyncio._set_running_loop(None)
        return turns > 0

    def _is_due(self) -> bool:
        next_at = None if self._ready else self.next_at
        return bool(self._ready) or (next_at is not None and next_at <= self.time())

    def runnable(self) -> list[Job]:
        """List the jobs that a thread could take up now: each pool has so many."""
        free: dict[Any, int] = {}
        chosen = []
        for job in self.jobs:
            left = free.setdefault(job.executor, getattr(job.executor, "_max_workers", 100))
            free[job.executor] = left - 1
            if left > 0 and not job.is_done:
                chosen.append(job)
        return chosen
