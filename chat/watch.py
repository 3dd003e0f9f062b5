"""One socket watching one conversation: the Hub's envelopes in, frames in their order out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from chat.envelope import Envelope
from chat.subscription import Subscription


class Watch:
    """`send` takes frames; `refresh` is asked to read the database and then call `apply`."""

    def __init__(
        self,
        conversation: UUID,
        send: Callable[[str], None],
        refresh: Callable[[Watch], None],
    ) -> None:
        self.conversation = conversation
        self.told = Subscription(conversation)
        self._send = send
        self._refresh = refresh

    def deliver(self, envelope: Envelope) -> None:
        self._pass_on(*self.told.offer(envelope))

    def live_generations(self) -> Iterable[UUID]:
        return self.told.live

    def refresh_if_behind(self, revision: int, steps: Mapping[UUID, int]) -> None:
        if self.told.is_holding:
            return
        behind = any(step > self.told.steps.get(g, -1) for g, step in steps.items())
        if behind or revision > self.told.revision:
            self.told.hold()
            self._refresh(self)

    def start(self, revision: int, steps: dict[UUID, int]) -> None:
        """Go on after a snapshot that was just sent."""
        self.told.start(revision, steps)
        self.release()

    def apply(self, revision: int, envelopes: Iterable[Envelope]) -> None:
        """Go on after a reading of what was missed."""
        self._pass_on(self.told.replay(revision, envelopes), False)
        self.release()

    def release(self) -> None:
        self._pass_on(*self.told.release())

    def _pass_on(self, frames: list[str], is_missing: bool) -> None:
        for frame in frames:
            self._send(frame)
        if is_missing:
            self._refresh(self)
