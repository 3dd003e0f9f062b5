"""evochat as a company runs it: two web processes, two runners, and a link that can fail wherever there is one."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from pytest_django import DjangoDbBlocker

from tests.chaos.client import Client
from tests.chaos.member import Member, make_member
from tests.support.database import Database, Person
from tests.support.deployment import Deployment, Evolution, deployed
from tests.support.guarded import temporary_directory
from tests.support.postgres import PostgresServer
from tests.support.processes import Processes
from tests.support.proxy import Proxy
from tests.support.redis import RedisServer
from tests.support.static_files import static_files
from tests.support.waiting import eventually

GRACE_S = 5
# From the end of a lease to the end of what was written under it.
REAPED_WITHIN = timedelta(seconds=20)


class Cluster:
    """All of a deployment, and the clients of one scenario with what they were told."""

    def __init__(
        self,
        deployment: Deployment,
        postgres: PostgresServer | None,
        redis: RedisServer | None,
        directory: Path,
    ) -> None:
        self.deployment = deployment
        self.postgres = postgres
        self.redis = redis
        self.directory = directory
        self.webs: list[Member] = []
        self.runners: list[Member] = []
        self.clients: list[Client] = []
        # A scenario in which nobody can reap for a while allows for that.
        self.reaped_within = REAPED_WITHIN
        self._front: list[Proxy] = []

    @property
    def evolution(self) -> Evolution:
        return self.deployment.evolution

    @property
    def database(self) -> Database:
        return self.deployment.database

    @property
    def members(self) -> list[Member]:
        return [*self.webs, *self.runners]

    # -- Processes ----------------------------------------------------------------------------

    def add_webs(self, count: int, **env: str) -> None:
        for _ in range(count):
            self.webs.append(self._member(f"web{len(self.webs) + 1}", ("serve",), env))

    def add_runners(self, count: int, **env: str) -> None:
        command = ("run_generations", "--grace", str(GRACE_S))
        for _ in range(count):
            self.runners.append(self._member(f"runner{len(self.runners) + 1}", command, env))

    def _member(self, name: str, command: tuple[str, ...], env: dict[str, str]) -> Member:
        static = {"DJANGO_STATIC_ROOT": str(static_files())}
        common = {"DJANGO_INSECURE_HTTP": "1", **static, **self.deployment.env, **env}
        return make_member(name, command, common, self.directory)

    def heal(self) -> None:
        """Have everything run and every link be good again."""
        if self.postgres is not None:
            self.postgres.thaw()
            self.postgres.start()
            self.database.reconnect()
        if self.redis is not None:
            self.redis.resume()
            self.redis.start()
        for link in self.links:
            link.restore()
        for member in self.members:
            if member.running:
                member.send(signal.SIGCONT)
                member.disarm()
        started = [member for member in self.members if not member.running]
        for member in started:
            member.start(self.deployment.processes)
        for member in started:
            member.wait_until_ready()

    @property
    def links(self) -> list[Proxy]:
        return [*(link for member in self.members for link in member.links.values()), *self._front]

    async def runner_of(self, generation: str) -> Member:
        """Give the runner (or web process) that writes a generation."""
        row = await asyncio.to_thread(self.database.generation, generation)
        name = await asyncio.to_thread(self.database.runner_name, str(row.runner_id))
        return next(m for m in self.members if m.running and name.endswith(f":{m.pid}"))

    @contextmanager
    def only(self, runner: Member) -> Iterator[None]:
        """Have no other runner claim meanwhile: it is frozen, for less than its lease."""
        other = self.other_than(runner)
        other.send(signal.SIGSTOP)
        try:
            yield
        finally:
            other.send(signal.SIGCONT)

    async def hit(self, point: str, seconds: float = 40.0) -> Member:
        """Wait until a runner is at a point that is armed in all, and disarm the others."""

        def at_point() -> Member | None:
            return next((runner for runner in self.runners if runner.was_hit(point)), None)

        victim = await eventually(at_point, f"a runner at {point}", seconds)
        assert victim is not None
        self.other_than(victim).disarm()
        return victim

    def other_than(self, member: Member) -> Member:
        peers = self.webs if member in self.webs else self.runners
        return next(peer for peer in peers if peer is not member)

    # -- Clients ------------------------------------------------------------------------------

    def sign_up(self, name: str) -> Person:
        return self.database.sign_up(name)

    def client(self, person: Person, *webs: int, name: str = "") -> Client:
        """Make a client of a person; it tries these web processes in turn, or all of them."""
        urls = [self.webs[n].ws_url for n in webs or range(len(self.webs))]
        client = Client(person, urls, name or f"{person.user.username}-{len(self.clients)}")
        self.clients.append(client)
        return client

    def linked_client(self, person: Person, web: int = 0) -> tuple[Client, Proxy]:
        """Make a client that reaches one web process by a link of its own."""
        link = Proxy(self.webs[web].port, f"front{len(self._front)}").start()
        self._front.append(link)
        client = Client(
            person, [self.webs[web].ws_url.replace(f":{self.webs[web].port}", f":{link.port}")]
        )
        self.clients.append(client)
        return client, link

    async def forget(self) -> None:
        """End the scenario: its clients leave and are forgotten."""
        self.reaped_within = REAPED_WITHIN
        clients, self.clients = self.clients, []
        await asyncio.gather(*(client.close() for client in clients))
        front, self._front = self._front, []
        for link in front:
            await asyncio.to_thread(link.stop)


@contextmanager
def clustered(
    processes: Processes,
    database_url: str,
    blocker: DjangoDbBlocker,
    postgres: PostgresServer | None = None,
    redis: RedisServer | None = None,
    **env: str,
) -> Iterator[Cluster]:
    """Give a cluster without processes: add some, then `heal` starts them."""
    common = {"REDIS_URL": redis.url, **env} if redis is not None else env
    with deployed(processes, database_url, blocker, **common) as deployment:
        cluster = Cluster(deployment, postgres, redis, temporary_directory("faults"))
        try:
            yield cluster
        finally:
            for link in cluster.links:
                link.stop()
