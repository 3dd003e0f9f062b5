"""Fixtures for the real things tests run against."""

import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path

import environ
import pytest
import pytest_asyncio
from django.db import connections
from django.db.utils import load_backend
from pytest_django import DjangoDbBlocker

from scripts.languages import compile_catalogues
from tests.support.browser import BrowserSession, Chromium, open_chromium
from tests.support.deployment import Deployment, deployed
from tests.support.environment import clean_environment
from tests.support.guarded import temporary_directory
from tests.support.paths import LOGS, ROOT, SCREENSHOTS, file_name, worker
from tests.support.postgres import PostgresServer
from tests.support.processes import Processes
from tests.support.redis import RedisServer
from tests.support.shared import made_once, shared_directory

pytest_plugins = ["tests.support.chaos", "tests.support.scenarios", "tests.support.skips"]

# Fixtures that start several processes for as long as tests share them.
CLUSTERS = {"cluster", "alone", "embedded", "on_sqlite"}
# Of each child's log a failing test's report shows this much.
LOG_TAIL_CHARS = 6_000


@pytest.fixture
def processes(request: pytest.FixtureRequest) -> Iterator[Processes]:
    """Start child processes; all are stopped when the test ends."""
    with Processes(LOGS / file_name(request.node.nodeid)) as started:
        yield started


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Give the session's PostgreSQL. A test that stops or kills its server uses `own_postgres`."""
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def own_postgres(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """Give a PostgreSQL for this test alone, to stop, kill, pause and start again (up in 1.5 s)."""
    server = PostgresServer(LOGS / file_name(request.node.nodeid) / "postgres.log")
    server.start()
    yield server
    server.remove()


@pytest.fixture
def redis_server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    """Give a Redis-protocol server for this test alone, to stop, kill, pause and start again on its port."""
    server = RedisServer(LOGS / file_name(request.node.nodeid) / "redis.log")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrate() -> Callable[[str], None]:
    """Give what brings the database of a URL to the newest schema."""
    return _migrate


@pytest.fixture(scope="session")
def _migrated_postgres(postgres: PostgresServer) -> str:
    name = postgres.create_database()
    _migrate(postgres.database_url(name))
    return name


@pytest.fixture
def postgres_url(postgres: PostgresServer, _migrated_postgres: str) -> Iterator[str]:
    """Give the URL of a new, migrated PostgreSQL database of this test's own."""
    name = postgres.create_database(template=_migrated_postgres)
    yield postgres.database_url(name)
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def _migrated_sqlite() -> Path:
    return made_once("migrated.sqlite3", lambda file: _migrate(f"sqlite:///{file}"))


@pytest.fixture
def sqlite_url(_migrated_sqlite: Path, tmp_path: Path) -> str:
    """Give the URL of a new, migrated SQLite file of this test's own."""
    return f"sqlite:///{shutil.copy(_migrated_sqlite, tmp_path / 'evochat.sqlite3')}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Run the test twice, with processes on SQLite and on PostgreSQL: the URL of a migrated database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def either_database(
    request: pytest.FixtureRequest, db: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """Run the test twice, in this process, on SQLite and on PostgreSQL: migrated and empty."""
    if request.param == "sqlite":
        yield "sqlite"
        return
    url = request.getfixturevalue("postgres_url")
    config = dict(environ.Env.db_url_config(url))
    known = connections.configure_settings({"default": config})["default"]
    ours = connections["default"]
    with django_db_blocker.unblock():
        connections["default"] = load_backend(known["ENGINE"]).DatabaseWrapper(known, "default")
        try:
            yield "postgres"
        finally:
            connections["default"].close()
            connections["default"] = ours


@pytest.fixture(scope="session")
def chat(_migrated_sqlite: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Deployment]:
    """Give the chat as `make run` starts it: one process, SQLite; the provider is the scripted one.

    Tests share it and each brings its own people.
    """
    file = temporary_directory("chat") / "evochat.sqlite3"
    shutil.copy(_migrated_sqlite, file)
    with (
        Processes(LOGS / "chat") as processes,
        deployed(processes, f"sqlite:///{file}", django_db_blocker) as deployment,
    ):
        deployment.add_web()
        yield deployment


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _chromium() -> AsyncIterator[Chromium]:
    async with open_chromium() as chromium:
        yield chromium


@pytest_asyncio.fixture(loop_scope="session")
async def browser(
    request: pytest.FixtureRequest, _chromium: Chromium
) -> AsyncIterator[BrowserSession]:
    """Give a real Chromium: `page = await browser.page("phone", "dark")`.

    An asynchronous fixture that uses it is a `pytest_asyncio.fixture(loop_scope="session")` too.
    """
    async with _chromium.session(request.node.name) as session:
        yield session


def _migrate(url: str) -> None:
    command = [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity", "0"]
    env = clean_environment({"DATABASE_URL": url, "DJANGO_INSECURE_HTTP": "1"})
    subprocess.run(command, cwd=ROOT, env=env, check=True)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart() -> None:
    """Make room for what this run leaves, before any worker is started."""
    if worker():
        return
    for left in (LOGS, SCREENSHOTS):
        shutil.rmtree(left, ignore_errors=True)
    compile_catalogues()
    shared_directory()


# First: xdist reads the groups in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests that drive the browser share one: in one worker (two are too much for 2 cores), on one loop.

    So do the scenarios that play on a cluster of processes.
    """
    for item in items:
        if CLUSTERS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group("cluster"))
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("browser"))
            # Before the mark that pytest-asyncio has already set.
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show in a failing test's report what its child processes said last."""
    report = yield
    started = getattr(item, "funcargs", {}).get("processes")
    if report.failed and isinstance(started, Processes):
        for process in started.all:
            report.sections.append((f"log of {process.name}", process.output()[-LOG_TAIL_CHARS:]))
    return report
