"""Who watches what in this process. One Hub a process; what is published here is already stored."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar
from uuid import UUID

from chat.envelope import Envelope
from chat.hub.link import Link
from chat.hub.lists import Lists
from chat.timing import Clock

log = logging.getLogger(__name__)

K = TypeVar("K")
V = TypeVar("V")

# Twice this is how late an event of another process may come, whatever was lost on the way.
LOOK_S = 0.5
QUIET_S = 0.5
# Looks between two at everything, while the link is heard: then little is lost.
SELDOM = 2


class Place(Protocol):
    """Where a conversation stands in the database (`chat.conversations.Probe`)."""

    @property
    def revision(self) -> int: ...

    @property
    def steps(self) -> dict[UUID, int]: ...


class Watcher(Protocol):
    """One socket's view of one conversation."""

    def deliver(self, envelope: Envelope) -> None:
        """Take one envelope of the conversation; must not block or raise."""

    def live_generations(self) -> Iterable[UUID]:
        """Name the generations that it was told of and that have not ended for it."""

    def refresh_if_behind(self, revision: int, steps: Mapping[UUID, int]) -> None:
        """Read the database again if it stands further than what was delivered."""


class Socket(Protocol):
    """One connection of a user."""

    def notify(self, envelope: Envelope) -> None:
        """Take what the owner is told of a conversation, watched here or not."""


class Record(Protocol):
    """What a Hub asks of the database (`chat.conversations`)."""

    async def probe(self, watched: list[UUID], quiet: list[UUID]) -> Mapping[UUID, Place]:
        """Tell where conversations stand; with the steps of those that are quiet."""

    async def recent(self, owners: list[int], seconds: float) -> Mapping[UUID, int]:
        """Tell the revisions of these people's conversations that have changed in the last seconds."""

    async def list_envelopes(self, conversations: list[UUID]) -> list[Envelope]:
        """Tell how conversations stand, for their owners' lists."""


class Hub:
    """Delivers to local watchers at once and to other processes by the link.

    What the link may have lost is looked for in the database: twice a second the answers that another process writes
    and that are quiet here; and everything watched or listed, as often while the link is cut off, else each second. A
    process whose own link is well hears nothing from one whose link is not.
    """

    def __init__(self, record: Record, clock: Clock = time.monotonic) -> None:
        self._record = record
        self._clock = clock
        self._watchers: dict[UUID, set[Watcher]] = {}
        self._sockets: dict[int, set[Socket]] = {}
        self._heard_at: dict[UUID, float] = {}
        self._lists = Lists(clock())
        self._link = Link(self._heard, clock)
        self._task: asyncio.Task[None] | None = None
        self.on_hint: Callable[[], None] = lambda: None
        self.is_local: Callable[[UUID], bool] = lambda generation: False

    @property
    def is_cut_off(self) -> bool:
        """Whether there is a channel layer, and it is not heard."""
        return self._link.is_configured and self._link.is_deaf

    def start(self) -> None:
        self._link.start()
        self._task = asyncio.create_task(self._watch_over())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel("hub stops")
            await asyncio.gather(self._task, return_exceptions=True)
        await self._link.stop()

    def watch(self, conversation: UUID, watcher: Watcher) -> None:
        self._watchers.setdefault(conversation, set()).add(watcher)

    def unwatch(self, conversation: UUID, watcher: Watcher) -> None:
        _discard(self._watchers, conversation, watcher)

    def join(self, owner: int, socket: Socket) -> None:
        self._sockets.setdefault(owner, set()).add(socket)

    def leave(self, owner: int, socket: Socket) -> None:
        _discard(self._sockets, owner, socket)

    def publish(self, envelopes: list[Envelope], hint: bool = False) -> None:
        """Deliver here, then pass on. Waits for nothing; `hint`: there is something to claim."""
        for envelope in envelopes:
            self._deliver(envelope)
        self._link.send(envelopes, hint)
        if hint:
            self.on_hint()

    def _heard(self, envelopes: list[Envelope], hint: bool) -> None:
        now = self._clock()
        for envelope in envelopes:
            if envelope.generation is not None and envelope.conversation in self._watchers:
                self._heard_at[envelope.generation] = now
            self._deliver(envelope)
        if hint:
            self.on_hint()

    def _deliver(self, envelope: Envelope) -> None:
        for watcher in tuple(self._watchers.get(envelope.conversation, ())):
            watcher.deliver(envelope)
        self._tell_owner(envelope)

    def _tell_owner(self, envelope: Envelope) -> None:
        if envelope.owner is not None and self._lists.is_news(envelope, self._clock()):
            for socket in tuple(self._sockets.get(envelope.owner, ())):
                socket.notify(envelope)

    async def _watch_over(self) -> None:
        looks = 0
        is_blind = False
        while True:
            await asyncio.sleep(LOOK_S)
            looks += 1
            try:
                await self._look_for_losses(self.is_cut_off or looks % SELDOM == 0)
                is_blind = False
            except Exception as error:  # noqa: BLE001  # the next look is made whatever it was
                # Once for each time that it begins: an outage has many looks.
                log.log(
                    logging.DEBUG if is_blind else logging.WARNING,
                    "cannot look for lost events: %r",
                    error,
                )
                is_blind = True

    async def _look_for_losses(self, at_everything: bool) -> None:
        quiet = self._gone_quiet()
        watched = [*self._watchers] if at_everything else quiet
        if watched:
            places = await self._record.probe(watched, quiet)
            for conversation, place in places.items():
                self._refresh(conversation, place)
        if at_everything and self._sockets:
            await self._tell_lists()

    def _refresh(self, conversation: UUID, place: Place) -> None:
        # What is written here is on its way to its watchers already.
        remote = {g: step for g, step in place.steps.items() if not self.is_local(g)}
        for watcher in tuple(self._watchers.get(conversation, ())):
            watcher.refresh_if_behind(place.revision, remote)

    async def _tell_lists(self) -> None:
        now = self._clock()
        found = await self._record.recent([*self._sockets], self._lists.window_s(now))
        late = self._lists.missed(found, now)
        for envelope in await self._record.list_envelopes(late) if late else []:
            # Not to who watches: to them it would be a revision without its events, which come later.
            self._tell_owner(envelope)

    def _gone_quiet(self) -> list[UUID]:
        """List conversations with a generation that another process writes and that says nothing."""
        before = self._clock() - QUIET_S
        quiet: list[UUID] = []
        heard_at: dict[UUID, float] = {}
        for conversation, watchers in self._watchers.items():
            remote = {g for w in watchers for g in w.live_generations() if not self.is_local(g)}
            heard = {g: self._heard_at.get(g, before) for g in remote}
            heard_at |= heard
            if any(at <= before for at in heard.values()):
                quiet.append(conversation)
        self._heard_at = heard_at
        return quiet


def _discard(index: dict[K, set[V]], key: K, value: V) -> None:
    found = index.get(key)
    if found is not None:
        found.discard(value)
        if not found:
            del index[key]
