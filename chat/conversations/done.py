"""What a command comes to once it is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from chat import protocol
from chat.envelope import Envelope


@dataclass(frozen=True, slots=True)
class Done:
    """The reply, what to publish before it, and the running generations that were flagged to stop."""

    reply: protocol.Event
    envelopes: list[Envelope] = field(default_factory=list)
    stopped: list[UUID] = field(default_factory=list)

    @classmethod
    def plain(
        cls,
        command: protocol.Command,
        envelopes: list[Envelope] | None = None,
        stopped: list[UUID] | None = None,
    ) -> Done:
        """Acknowledge with `done`: what happened is told by events."""
        return cls(protocol.Done(command_id=command.echo), envelopes or [], stopped or [])
