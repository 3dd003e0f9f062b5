"""One generation while it is being written, in the memory of the process that writes it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from chat.deltas import DeltaBuffer
from chat.models import Status
from chat.timing import Measured, Stopwatch

DETAIL_MAX_CHARS = 500


@dataclass(slots=True)
class Outcome:
    """How a generation ended. `output_tokens` is None if the provider did not count: then both are estimates.

    `is_bare`: nothing but its text is kept, because the end with its numbers was refused.
    """

    status: Status
    finish_reason: str = ""
    code: str = ""
    retryable: bool = False
    detail: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    measured: Measured | None = None
    is_bare: bool = False

    @classmethod
    def of_defect(cls, error: Exception) -> Outcome:
        """Fail by a fault of ours, which another attempt may not have."""
        detail = repr(error)[:DETAIL_MAX_CHARS].replace("\0", "")
        return cls(Status.FAILED, code="internal", retryable=True, detail=detail)


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

    @property
    def is_over(self) -> bool:
        """Whether the stream has ended and all its text is stored: only its end is left to write."""
        return self.outcome is not None and self.buffer.is_stored

    def stop(self, status: Status) -> None:
        """Ask the stream to end as `status`; the provider's connection closes at once."""
        if self.outcome is None and self.stop_as is None and self.task is not None:
            self.stop_as = status
            self.task.cancel(f"generation {status}")
