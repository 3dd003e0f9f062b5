"""Who a Hub tells what it has found in the database."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from chat.envelope import STARTED, Envelope
from chat.hub import Hub, Place
from chat.watch import Watch

OWNER = 1
CONVERSATION = uuid.uuid4()
GENERATION = uuid.uuid4()


@dataclass
class Record:
    """A database in which the conversation has just come to `revision`, and nobody was told."""

    revision: int

    async def probe(self, watched: list[UUID], quiet: list[UUID]) -> Mapping[UUID, Place]:
        # As a look that began before the change.
        return {}

    async def recent(self, owners: list[int], seconds: float) -> Mapping[UUID, int]:
        return {CONVERSATION: self.revision}

    async def list_envelopes(self, conversations: list[UUID]) -> list[Envelope]:
        return [
            Envelope(each, [], self.revision, owner=OWNER, owner_frame="listed")
            for each in conversations
        ]


@dataclass(eq=False)
class Socket:
    told: list[str | None] = field(default_factory=list)

    def notify(self, envelope: Envelope) -> None:
        self.told.append(envelope.owner_frame)


async def test_what_lists_are_told_late_takes_no_event_from_who_watches() -> None:
    frames: list[str] = []
    watch = Watch(CONVERSATION, frames.append, refresh=lambda watch: None)
    watch.start(revision=3, steps={GENERATION: STARTED})
    hub, socket = Hub(Record(revision=4)), Socket()
    hub.watch(CONVERSATION, watch)
    hub.join(OWNER, socket)

    for _ in range(2):
        await hub._look_for_losses(at_everything=True)
    end = Envelope(CONVERSATION, ["ended"], 4, GENERATION, STARTED + 1, ends=True, owner=OWNER)
    hub.publish([end])

    assert socket.told == ["listed"]
    assert frames == ["ended"]
