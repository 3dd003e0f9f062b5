"""The chat as `make run` starts it, in a real browser; tests share it and each brings its own people."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.browser.person import Visitor
from tests.support.browser import BrowserSession
from tests.support.deployment import Deployment, deployed
from tests.support.paths import LOGS
from tests.support.processes import Processes, temporary_directory


@pytest.fixture(scope="session")
def chat(_migrated_sqlite: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Deployment]:
    """Give one web process on SQLite; the provider is the scripted one."""
    file = temporary_directory("browser") / "evochat.sqlite3"
    shutil.copy(_migrated_sqlite, file)
    with (
        Processes(LOGS / "browser") as processes,
        deployed(processes, f"sqlite:///{file}", django_db_blocker) as deployment,
    ):
        deployment.add_web()
        yield deployment


@pytest.fixture
async def alice(browser: BrowserSession, chat: Deployment) -> Visitor:
    """Give a person at a desktop, signed in, with an empty chat in front of her."""
    return await Visitor.signed_in(browser, chat, "alice")
