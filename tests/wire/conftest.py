"""Deployments that several of these tests want."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.support.deployment import Deployment, deployed
from tests.support.processes import Processes


@pytest.fixture
def either(
    processes: Processes, database_url: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[Deployment]:
    """Give the chat on SQLite and on PostgreSQL, one process, where no model names conversations."""
    with deployed(processes, database_url, django_db_blocker, EVOLUTION_TITLES="0") as deployment:
        deployment.add_web()
        yield deployment
