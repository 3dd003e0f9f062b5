"""One slow or frozen part, and everybody else goes on."""

import asyncio
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from pytest_django import DjangoDbBlocker

from tests.support.deployment import Deployment, deployed
from tests.support.postgres import PostgresServer
from tests.support.processes import Process, Processes
from tests.support.waiting import eventually
from tests.support.wire import assert_contiguous, wire


@pytest.fixture
def on_postgres(
    processes: Processes, postgres_url: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[Deployment]:
    """Give the chat in one process, on PostgreSQL."""
    with deployed(processes, postgres_url, django_db_blocker) as deployment:
        yield deployment


async def test_a_slow_query_of_one_user_delays_nobody_elses_deltas(
    on_postgres: Deployment, postgres_url: str
) -> None:
    on_postgres.add_web()
    alice, bob = on_postgres.sign_up("alice"), on_postgres.sign_up("bob")
    async with (
        on_postgres.socket(alice) as hers,
        on_postgres.socket(bob) as his,
        await psycopg.AsyncConnection.connect(postgres_url) as other,
    ):
        await other.execute("SELECT 1 FROM chat_user WHERE id = %s FOR UPDATE", [alice.user.pk])
        command = {"content": "[[chunks=2 rate=0]]", "conversation": None}
        await hers.send("message.send", message=str(uuid.uuid4()), **command)
        assert (await hers.ask("ping"))["type"] == "pong"
        accepted = await his.prompt("[[chunks=20 rate=100]]")
        end = await his.until_end(accepted["generation"])
        assert end["type"] == "generation.completed"
        assert "message.accepted" not in [frame["type"] for frame in hers.frames]
        await other.rollback()
        accepted = await hers.until("message.accepted")
        await hers.until_end(accepted["generation"])


async def test_an_answer_outlives_a_restart_of_the_database(
    processes: Processes, own_postgres: PostgresServer, django_db_blocker: DjangoDbBlocker
) -> None:
    url = own_postgres.database_url(own_postgres.create_database())
    migrated = processes.manage("migrate", "-v0", env={"DATABASE_URL": url})
    assert migrated.wait() == 0
    with deployed(processes, url, django_db_blocker) as chat:
        chat.add_web()
        alice = chat.sign_up("alice")
        async with chat.socket(alice) as socket:
            accepted = await socket.prompt("[[chunks=200 rate=50]]")
            await socket.until_text(accepted["generation"], 60)
            await asyncio.to_thread(own_postgres.kill)
            command = {"content": "[[chunks=1]]", "conversation": None}
            refused = await socket.ask("message.send", message=str(uuid.uuid4()), **command)
            assert refused["code"] == "unavailable"
            await asyncio.to_thread(own_postgres.start)
            end = await socket.until_end(accepted["generation"], within_s=30)
        assert end["type"] == "generation.completed"
        assert_contiguous(socket.frames, accepted["generation"])
        chat.database.reconnect()
        stored = chat.database.message(accepted["answer"]).content
        assert stored == socket.shown(accepted["generation"])
        assert len(stored.split()) == 200


async def freeze_inside_a_transaction(process: Process, url: str) -> None:
    """Stop a process at a moment when it holds locks: between two statements of a transaction."""
    open_ones = "SELECT 1 FROM pg_stat_activity WHERE state LIKE 'idle in transaction%%'"

    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as observer:

        async def is_frozen_there() -> bool:
            process.pause()
            found = await (await observer.execute(open_ones)).fetchone()
            if found is None:
                process.resume()
            return found is not None

        await eventually(is_frozen_there, "stopped inside a transaction", 90)


async def test_a_runner_that_was_taken_for_dead_changes_nothing_when_it_wakes(
    on_postgres: Deployment, postgres_url: str
) -> None:
    on_postgres.env["GENERATE_IN"] = "worker"
    on_postgres.add_web()
    frozen = on_postgres.add_runner()
    alice = on_postgres.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[fault=endless rate=50]]"
    async with on_postgres.socket(alice) as socket:
        accepted = await socket.prompt(prompt)
        await socket.until_text(accepted["generation"], 60)
        on_postgres.add_runner()
        await freeze_inside_a_transaction(frozen, postgres_url)
        end = await socket.until_end(accepted["generation"], within_s=50)
        assert end["type"] == "generation.interrupted"
        stored = on_postgres.database.message(accepted["answer"]).content
        frozen.resume()
        await on_postgres.evolution.until_closed(prompt)
        frozen.wait_for_line("lost its lease")
        again = await socket.prompt("[[chunks=20 rate=100]]", accepted["conversation"])
        await socket.until_end(again["generation"])
    assert_contiguous(socket.frames, accepted["generation"])
    assert on_postgres.database.message(accepted["answer"]).content == stored
    assert stored == socket.shown(accepted["generation"])


async def test_a_runner_told_to_stop_leaves_nothing_unended(on_postgres: Deployment) -> None:
    on_postgres.env["GENERATE_IN"] = "worker"
    on_postgres.add_web()
    runner = on_postgres.processes.run_generations("--grace", "1", env=on_postgres.env)
    alice = on_postgres.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[fault=endless rate=50]]"
    async with on_postgres.socket(alice) as socket:
        accepted = await socket.prompt(prompt)
        await socket.until_text(accepted["generation"], 60)
        assert await asyncio.to_thread(runner.stop) == 0
        end = await socket.until_end(accepted["generation"])
    assert end["type"] == "generation.interrupted"
    answer = on_postgres.database.message(accepted["answer"])
    assert answer.content == socket.shown(accepted["generation"])
    await on_postgres.evolution.until_closed(prompt)


async def test_a_web_process_that_writes_answers_ends_them_when_told_to_stop(
    on_postgres: Deployment,
) -> None:
    web = on_postgres.add_web()
    alice = on_postgres.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[fault=endless rate=50]]"
    async with on_postgres.socket(alice) as socket:
        accepted = await socket.prompt(prompt)
        await socket.until_text(accepted["generation"], 60)
        shown = socket.shown(accepted["generation"])
        await asyncio.to_thread(web.stop)
    ended = await eventually(
        lambda: on_postgres.database.generation(accepted["generation"]), "the record"
    )
    assert ended.status == "interrupted"
    assert on_postgres.database.message(accepted["answer"]).content.startswith(shown)
    await on_postgres.evolution.until_closed(prompt)


async def test_an_answer_outlives_a_database_that_is_read_only_for_a_while(
    processes: Processes, own_postgres: PostgresServer, django_db_blocker: DjangoDbBlocker
) -> None:
    url = own_postgres.database_url(own_postgres.create_database())
    assert processes.manage("migrate", "-v0", env={"DATABASE_URL": url}).wait() == 0
    with deployed(processes, url, django_db_blocker) as chat:
        web = chat.add_web()
        async with chat.socket(chat.sign_up("alice")) as socket:
            accepted = await socket.prompt("[[chunks=200 rate=50]]")
            await socket.until_text(accepted["generation"], 60)
            own_postgres.execute("ALTER SYSTEM SET default_transaction_read_only = on")
            own_postgres.execute("SELECT pg_reload_conf()")
            await asyncio.to_thread(web.wait_for_line, "the database is down")
            own_postgres.execute("ALTER SYSTEM RESET default_transaction_read_only")
            own_postgres.execute("SELECT pg_reload_conf()")
            end = await socket.until_end(accepted["generation"], within_s=30)
        assert end["type"] == "generation.completed"
        assert_contiguous(socket.frames, accepted["generation"])


async def test_a_process_that_starts_before_its_database_is_ready_works_once_it_is(
    processes: Processes, postgres: PostgresServer, django_db_blocker: DjangoDbBlocker
) -> None:
    url = postgres.database_url(postgres.create_database())
    with deployed(processes, url, django_db_blocker) as chat:
        web = chat.add_web()
        await asyncio.to_thread(web.wait_for_line, "the runner did not start")
        assert processes.manage("migrate", "-v0", env={"DATABASE_URL": url}).wait() == 0
        async with chat.socket(chat.sign_up("alice")) as socket:
            accepted = await socket.prompt("[[chunks=2 rate=0]]")
            end = await socket.until_end(accepted["generation"])
    assert end["type"] == "generation.completed"


async def test_threads_keep_their_connections(on_postgres: Deployment, postgres_url: str) -> None:
    on_postgres.add_web()
    backends = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    seen: set[int] = set()
    async with (
        on_postgres.socket(on_postgres.sign_up("alice")) as socket,
        await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as observer,
    ):
        accepted = await socket.prompt("[[chunks=60 rate=50]]")
        while not any(f["type"] == "generation.completed" for f in socket.frames):
            await socket.receive()
            rows = await (await observer.execute(backends)).fetchall()
            seen |= {pid for (pid,) in rows}
    assert socket.shown(accepted["generation"])
    # Threads of the engine, this test's two, and room for a request or two.
    assert len(seen) < 18


async def test_nothing_comes_before_session_ready(
    on_postgres: Deployment, postgres_url: str
) -> None:
    web = on_postgres.add_web()
    alice = on_postgres.sign_up("alice")
    async with (
        await psycopg.AsyncConnection.connect(postgres_url) as other,
        wire(web.ws_url, alice.cookie) as early,
    ):
        await early.until("session.ready")
        await other.execute("LOCK TABLE chat_languagemodel IN ACCESS EXCLUSIVE MODE")
        async with wire(web.ws_url, alice.cookie) as socket:
            await socket.send("ping")
            assert (await early.ask("ping"))["type"] == "pong"
            await other.rollback()
            first = await socket.receive()
    assert first["type"] == "session.ready"
