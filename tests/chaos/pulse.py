"""A finger on the pulse of the web processes: pings over sockets and looks at /healthz, all the time."""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.chaos.member import Member
from tests.support.database import Person
from tests.support.wire import wire

EVERY_S = 0.25
# Other tests share the machine: what is looked for is a loop that stands still for as long as the fault lasts.
WORST_S = 5.0


@dataclass
class Pulse:
    """How long each answer took, in seconds."""

    pings: list[float] = field(default_factory=list)
    health: list[float] = field(default_factory=list)

    def check(self) -> None:
        assert len(self.pings) > 3, self
        assert len(self.health) > 3, self
        assert max(*self.pings, *self.health) < WORST_S, self

    def __str__(self) -> str:
        return (
            f"{len(self.pings)} pings, worst {max(self.pings, default=0) * 1000:.0f} ms; "
            f"{len(self.health)} looks at /healthz, worst {max(self.health, default=0) * 1000:.0f} ms"
        )


@asynccontextmanager
async def pulse(person: Person, webs: list[Member]) -> AsyncIterator[Pulse]:
    """Keep asking each of `webs`, over a socket that was open before, until the block ends."""
    felt = Pulse()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_ping(person, web, felt)) for web in webs]
        tasks += [group.create_task(_look(web, felt)) for web in webs]
        yield felt
        for task in tasks:
            task.cancel("the block ends")


async def _ping(person: Person, web: Member, felt: Pulse) -> None:
    async with wire(web.ws_url, person.cookie) as socket:
        await socket.until("session.ready")
        while True:
            began = time.monotonic()
            answer = await socket.ask("ping")
            assert answer["type"] == "pong"
            felt.pings.append(time.monotonic() - began)
            socket.frames.clear()
            await asyncio.sleep(EVERY_S)


async def _look(web: Member, felt: Pulse) -> None:
    while True:
        began = time.monotonic()
        assert await asyncio.to_thread(_status, f"{web.url}/healthz") == 200
        felt.health.append(time.monotonic() - began)
        await asyncio.sleep(EVERY_S)


def _status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=15) as answer:
        status: int = answer.status
        return status
