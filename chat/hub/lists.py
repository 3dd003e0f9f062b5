"""What the sockets of a process's people have been told of their conversations, and so what they may have missed."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from chat.envelope import Envelope

# A change is looked for so long after it was made: its transaction may have waited for a lock, or for its commit.
WINDOW_S = 60.0


class Lists:
    """Lets each revision of a conversation through once, the newest it has seen; knows those of the last minutes.

    `now` is in seconds of a clock that never goes back; at the first, sockets begin to be told.
    """

    def __init__(self, now: float) -> None:
        self._since = now
        self._looked_at = now
        self._told: dict[UUID, tuple[int, float]] = {}
        self._seen: dict[UUID, int] = {}

    def is_news(self, envelope: Envelope, now: float) -> bool:
        """Note that people are told of an envelope; False if they have been told of it, or of what came later."""
        if envelope.revision is None:
            return True
        told, _ = self._told.get(envelope.conversation, (0, now))
        if envelope.revision <= told:
            return False
        self._told[envelope.conversation] = envelope.revision, now
        return True

    def window_s(self, now: float) -> float:
        """Return how far back changes may have been missed, in seconds."""
        return min(now - self._since, now - self._looked_at + WINDOW_S)

    def missed(self, found: Mapping[UUID, int], now: float) -> list[UUID]:
        """Take revisions from a look begun at `now`; return the conversations of which people are to be told.

        One that is seen for the first time may be on its way: it is told if the next look finds it still untold.
        """
        untold = {pk: at for pk, at in found.items() if at > self._told.get(pk, (0, now))[0]}
        late = [pk for pk in untold if pk in self._seen]
        self._seen = untold
        self._looked_at = now
        self._told = {pk: each for pk, each in self._told.items() if now - each[1] < 2 * WINDOW_S}
        return late
