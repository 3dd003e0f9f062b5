"""People who use the chat at random, each on several sockets, whatever happens to it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

from tests.chaos.client import Client
from tests.chaos.cluster import Cluster
from tests.chaos.prompts import numbered

SOCKETS_EACH = 4
THINK_S = (0.2, 6.0)


class Crowd:
    """Clients of one cluster and what they do; `did` counts it."""

    def __init__(self, cluster: Cluster, sockets: int, dice: random.Random) -> None:
        self._dice = dice
        self.did: Counter[str] = Counter()
        self.clients: list[Client] = []
        for number in range(sockets):
            if number % SOCKETS_EACH == 0:
                person = cluster.sign_up("walker")
            self.clients.append(cluster.client(person))
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        for client in self.clients:
            client.open()
        for client in self.clients:
            await client.until(lambda c=client: c.is_ready, "connected")  # type: ignore[misc]
        self._tasks = [asyncio.create_task(self._wander(client)) for client in self.clients]

    async def stop(self) -> None:
        """Do nothing new; everybody stays connected."""
        for task in self._tasks:
            task.cancel("the crowd rests")
        told = await asyncio.gather(*self._tasks, return_exceptions=True)
        broken = [each for each in told if isinstance(each, Exception)]
        assert not broken, broken
        for client in self.clients:
            client.open()

    async def _wander(self, client: Client) -> None:
        steps = [self._prompt] * 5 + [self._cancel] * 2 + [self._drop, self._leave, self._look]
        while True:
            await asyncio.sleep(self._dice.uniform(*THINK_S))
            step = self._dice.choice(steps)
            await step(client)
            self.did[step.__name__.strip("_")] += 1

    async def _prompt(self, client: Client) -> None:
        if not client.is_idle:
            # More than is answered would only queue, and be waited for at the end.
            return
        dice = self._dice
        known = sorted(client.screen.conversations)
        conversation = dice.choice(known) if known and dice.random() < 0.7 else None
        prompt = numbered(dice.randint(1, 120), dice.choice([20, 50, 100]))
        await client.send_prompt(prompt, conversation)

    async def _cancel(self, client: Client) -> None:
        live = [pk for pk, one in client.screen.shown.items() if not one.ended]
        if live:
            await client.send_cancel(self._dice.choice(live))

    async def _drop(self, client: Client) -> None:
        await client.drop()

    async def _leave(self, client: Client) -> None:
        await client.close()
        await asyncio.sleep(self._dice.uniform(0.1, 5))
        client.open()

    async def _look(self, client: Client) -> None:
        """Follow what another tab of the same person has open."""
        others = [c for c in self.clients if c.person == client.person]
        seen = sorted({pk for other in others for pk in other.screen.conversations})
        if seen:
            await client.send_watch(self._dice.choice(seen))
