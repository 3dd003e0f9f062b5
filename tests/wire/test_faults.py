"""One slow or frozen part, and everybody else goes on."""

import asyncio
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from pytest_django import DjangoDbBlocker

from tests.support.deployment import Deployment, deployed
from tests.support.postgres import PostgresServer
from tests.support.processes import Processes
from tests.support.waiting import eventually
from tests.support.wire import assert_contiguous


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


async def test_a_runner_that_was_taken_for_dead_changes_nothing_when_it_wakes(
    on_postgres: Deployment,
) -> None:
    on_postgres.env["GENERATE_IN"] = "worker"
    on_postgres.add_web()
    frozen = on_postgres.add_runner()
    alice = on_postgres.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[fault=endless rate=50]]"
    async with on_postgres.socket(alice) as socket:
        accepted = await socket.prompt(prompt)
        await socket.until_text(accepted["generation"], 60)
        frozen.pause()
        on_postgres.add_runner()
        end = await socket.until_end(accepted["generation"], within_s=25)
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
