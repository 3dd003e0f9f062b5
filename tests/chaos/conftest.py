"""A cluster that scenarios share: healed before each, checked after each, made anew after a failure."""

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import ExitStack, asynccontextmanager

import pytest
from pytest_django import DjangoDbBlocker

from tests.chaos.cluster import Cluster, clustered
from tests.chaos.invariants import check, check_leaks, note_census
from tests.support.paths import LOGS, ROOT
from tests.support.postgres import PostgresServer
from tests.support.processes import Processes
from tests.support.redis import RedisServer

LOG_TAIL_CHARS = 4_000
# With the start of a cluster and the leases that run out in a scenario, on a machine that is busy.
TIMEOUT_S = 600

_failed = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(ROOT / "tests" / "chaos"):
            item.add_marker(pytest.mark.timeout(TIMEOUT_S))


class Shared:
    """Makes a cluster when one is first asked for, and another when the last is not to be trusted."""

    def __init__(
        self,
        blocker: DjangoDbBlocker,
        migrate: Callable[[str], None],
        add_members: Callable[[Cluster], None],
        name: str = "chaos",
    ) -> None:
        self._blocker = blocker
        self._migrate = migrate
        self._add_members = add_members
        self._logs = LOGS / name
        self._stack = ExitStack()
        self.cluster: Cluster | None = None

    def get(self) -> Cluster:
        if self.cluster is None:
            self.cluster = self._make()
        return self.cluster

    def discard(self) -> None:
        self._stack.close()
        self.cluster = None

    def _make(self) -> Cluster:
        postgres = PostgresServer(self._logs / "postgres.log")
        self._stack.callback(postgres.remove)
        postgres.start()
        redis = RedisServer(self._logs / "redis.log")
        self._stack.callback(redis.stop)
        redis.start()
        url = postgres.database_url(postgres.create_database())
        self._migrate(url)
        processes = self._stack.enter_context(Processes(self._logs))
        cluster = self._stack.enter_context(
            clustered(processes, url, self._blocker, postgres, redis, GENERATE_IN="worker")
        )
        self._add_members(cluster)
        return cluster


@pytest.fixture(scope="session")
def shared_cluster(
    django_db_blocker: DjangoDbBlocker, migrate: Callable[[str], None]
) -> Iterator[Shared]:
    def add_members(cluster: Cluster) -> None:
        cluster.add_webs(2)
        cluster.add_runners(2)

    shared = Shared(django_db_blocker, migrate, add_members)
    yield shared
    shared.discard()


@pytest.fixture(scope="session")
def shared_embedded(
    django_db_blocker: DjangoDbBlocker, migrate: Callable[[str], None]
) -> Iterator[Shared]:
    def add_members(cluster: Cluster) -> None:
        cluster.add_webs(1, GENERATE_IN="web")
        cluster.add_webs(1)

    shared = Shared(django_db_blocker, migrate, add_members, "chaos-embedded")
    yield shared
    shared.discard()


@pytest.fixture
async def cluster(request: pytest.FixtureRequest, shared_cluster: Shared) -> AsyncIterator[Cluster]:
    """Give two web processes and two runners on PostgreSQL and Redis, all well and idle.

    When the scenario is over everything is healed and every invariant is checked.
    """
    async with _played(request, shared_cluster) as cluster:
        yield cluster


@pytest.fixture
async def embedded(
    request: pytest.FixtureRequest, shared_embedded: Shared
) -> AsyncIterator[Cluster]:
    """Give a web process that writes the answers (the first) and one that only shows them."""
    async with _played(request, shared_embedded) as cluster:
        yield cluster


@asynccontextmanager
async def _played(request: pytest.FixtureRequest, shared: Shared) -> AsyncIterator[Cluster]:
    cluster = shared.get()
    try:
        cluster.heal()
        await cluster.evolution.forget()
        await note_census(cluster.members)
        yield cluster
        if not request.node.stash.get(_failed, False):
            cluster.heal()
            await check(cluster)
            await cluster.forget()
            await check_leaks(cluster.members)
    except BaseException:
        request.node.stash[_failed] = True
        raise
    finally:
        await cluster.forget()
        if request.node.stash.get(_failed, False):
            shared.discard()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    given = getattr(item, "funcargs", {})
    cluster = given.get("cluster") or given.get("embedded")
    if report.failed and isinstance(cluster, Cluster):
        item.stash[_failed] = True
        for process in cluster.deployment.processes.all:
            report.sections.append((f"log of {process.name}", process.output()[-LOG_TAIL_CHARS:]))
    return report
