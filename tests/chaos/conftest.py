"""A cluster that scenarios share: healed before each, checked after each, made anew after a failure."""

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import ExitStack

import pytest
from pytest_django import DjangoDbBlocker

from tests.chaos.cluster import Cluster, clustered
from tests.chaos.invariants import check, check_leaks, note_census
from tests.support.paths import LOGS
from tests.support.postgres import PostgresServer
from tests.support.processes import Processes
from tests.support.redis import RedisServer

LOG_TAIL_CHARS = 4_000

_failed = pytest.StashKey[bool]()


class Shared:
    """Makes a cluster when one is first asked for, and another when the last is not to be trusted."""

    def __init__(self, blocker: DjangoDbBlocker, migrate: Callable[[str], None]) -> None:
        self._blocker = blocker
        self._migrate = migrate
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
        postgres = PostgresServer(LOGS / "chaos" / "postgres.log")
        self._stack.callback(postgres.remove)
        postgres.start()
        redis = RedisServer(LOGS / "chaos" / "redis.log")
        self._stack.callback(redis.stop)
        redis.start()
        url = postgres.database_url(postgres.create_database())
        self._migrate(url)
        processes = self._stack.enter_context(Processes(LOGS / "chaos"))
        cluster = self._stack.enter_context(
            clustered(processes, url, self._blocker, postgres, redis, GENERATE_IN="worker")
        )
        cluster.add_webs(2)
        cluster.add_runners(2)
        return cluster


@pytest.fixture(scope="session")
def shared_cluster(
    django_db_blocker: DjangoDbBlocker, migrate: Callable[[str], None]
) -> Iterator[Shared]:
    shared = Shared(django_db_blocker, migrate)
    yield shared
    shared.discard()


@pytest.fixture
async def cluster(request: pytest.FixtureRequest, shared_cluster: Shared) -> AsyncIterator[Cluster]:
    """Give two web processes and two runners on PostgreSQL and Redis, all well and idle.

    When the scenario is over everything is healed and every invariant is checked.
    """
    cluster = shared_cluster.get()
    try:
        cluster.heal()
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
            shared_cluster.discard()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    cluster = getattr(item, "funcargs", {}).get("cluster")
    if report.failed and isinstance(cluster, Cluster):
        item.stash[_failed] = True
        for process in cluster.deployment.processes.all:
            report.sections.append((f"log of {process.name}", process.output()[-LOG_TAIL_CHARS:]))
    return report
