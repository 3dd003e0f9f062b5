"""Threads that talk to a database which may say nothing."""

import asyncio
import sqlite3
import threading
import weakref
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError

from chat import threads
from chat.threads import DatabaseBusyError, DatabaseThreads
from evochat.postgresql.base import PatientConnection
from tests.support.postgres import PostgresServer
from tests.support.proxy import Proxy


@pytest.mark.parametrize("fault", ["black_hole", "freeze"])
def test_a_connection_gives_up_on_a_server_that_says_nothing(
    postgres: PostgresServer, fault: str
) -> None:
    link = Proxy(postgres.port).start()
    try:
        with PatientConnection.connect(
            f"postgres://postgres@127.0.0.1:{link.port}/postgres", autocommit=True
        ) as connection:
            connection.silence_max_s = 0.5
            assert connection.execute("SELECT 1").fetchone() == (1,)
            getattr(link, fault)()
            with pytest.raises(psycopg.OperationalError, match="said nothing"):
                connection.execute("SELECT 1")
            assert connection.closed
    finally:
        link.stop()


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "TURN_MAX_S", 0.1)
    monkeypatch.setattr(threads, "BROKEN_WITHIN_S", 0.1)


@pytest.mark.usefixtures("patience")
@pytest.mark.django_db
async def test_a_unit_that_has_waited_too_long_for_its_turn_is_not_begun() -> None:
    pool = DatabaseThreads("test")
    go_on, done = threading.Event(), []
    try:
        first = asyncio.create_task(pool.run(go_on.wait, 10))
        second = asyncio.create_task(pool.run(done.append, 1))
        await asyncio.sleep(0.2)
        go_on.set()
        await first
        with pytest.raises(DatabaseBusyError):
            await second
    finally:
        go_on.set()
        await pool.close()
    assert done == []


@pytest.mark.usefixtures("patience")
@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "tries"), [(0.0, 2), (0.2, 1)])
async def test_a_unit_is_tried_again_only_if_its_connection_broke_at_once(
    seconds: float, tries: int
) -> None:
    pool, tried = DatabaseThreads("test"), []

    def fail() -> None:
        tried.append(1)
        threading.Event().wait(seconds)
        raise OperationalError("gone")

    try:
        with pytest.raises(OperationalError):
            await pool.run_again_if_down(fail)
    finally:
        await pool.close()
    assert len(tried) == tries


async def test_an_error_brings_no_cursor_to_the_event_loop(tmp_path: Path) -> None:
    """Freed there, it would wait for what its connection does next."""
    held: list[weakref.ref[object]] = []

    def locked(path: Path) -> None:
        own = sqlite3.connect(path, timeout=0, isolation_level=None)
        held.append(weakref.ref(cursor := own.cursor()))
        try:
            cursor.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise OperationalError("locked") from error

    def locked_again(path: Path) -> None:
        try:
            locked(path)
        except OperationalError:
            locked(path)

    pool = DatabaseThreads("test")
    with closing(sqlite3.connect(tmp_path / "one.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError) as told:
            await pool.run(locked_again, tmp_path / "one.sqlite3")
    await pool.close()
    assert told.value.__cause__
    assert [ref() for ref in held] == [None, None]
