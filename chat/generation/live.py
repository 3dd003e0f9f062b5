"""One generation while it is being written, in the memory of the process that writes it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from chat.deltas import DeltaBuffer
from chat.models import Status
from chat.timing import Measured, Stopwatch


@dataclass(slots=True)
class Outcome:
    """How a generation ended. `output_tokens` is None if the provider did not count: then both are estimates."""

    status: Status
    finish_reason: str = ""
    code: str = ""
    retryable: bool = False
    detail: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    measured: Measured | None = None


@dataclass(slots=True, eq=False)
class LiveGeneration:
    """What the runner knows of a generation it has claimed.

    `outcome` is set when the stream is over; the Journal then stores what is left and ends it.
    """

    id: UUID
    conversation: UUID
    owner: int
    watch: Stopwatch
    buffer: DeltaBuffer = field(default_factory=DeltaBuffer)
    task: asyncio.Task[None] | None = None
    stop_as: Status | None = None
    outcome: Outcome | None = None
    unsaved_since: float | None = None
    input_tokens_estimate: int | None = None
    title_from: str | None = None
    model: str = ""

    def stop(self, status: Status) -> None:
        """Ask the stream to end as `status`; the provider's connection closes at once."""
        if self.outcome is None and self.stop_as is None and self.task is not None:
            self.stop_as = status
            self.task.cancel(f"generation {status}")
