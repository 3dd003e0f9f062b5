"""Figures are counted by the database: each test of them runs on SQLite and on PostgreSQL, in this process."""

from __future__ import annotations

from collections.abc import Iterator

import environ
import pytest
from django.db import connections
from django.db.utils import load_backend
from pytest_django import DjangoDbBlocker


@pytest.fixture(params=["sqlite", "postgres"])
def either_database(
    request: pytest.FixtureRequest, db: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """Make Django's default database one of either kind, migrated and empty."""
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
