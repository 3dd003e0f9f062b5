"""One deployment for all tests of the wire: they share it and each brings its own people."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.support.deployment import Deployment, deployed
from tests.support.paths import LOGS
from tests.support.processes import Processes, temporary_directory


@pytest.fixture(scope="session")
def chat(_migrated_sqlite: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Deployment]:
    """Give the chat as `make run` starts it: one process, SQLite; the provider is the scripted one."""
    file = temporary_directory("wire") / "evochat.sqlite3"
    shutil.copy(_migrated_sqlite, file)
    with (
        Processes(LOGS / "wire") as processes,
        deployed(processes, f"sqlite:///{file}", django_db_blocker) as deployment,
    ):
        deployment.add_web()
        yield deployment
