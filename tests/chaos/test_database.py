"""The database stops, dies, freezes, is full, slow or out of reach."""

from __future__ import annotations

import asyncio
import sqlite3
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import psutil
import psycopg
import pytest
from pytest_django import DjangoDbBlocker
from websockets.exceptions import InvalidHandshake

from tests.chaos.client import Client
from tests.chaos.cluster import Cluster, clustered
from tests.chaos.invariants import check
from tests.chaos.member import Member
from tests.chaos.prompts import endless, numbered
from tests.chaos.pulse import pulse
from tests.support.postgres import PostgresServer
from tests.support.processes import Processes
from tests.support.waiting import eventually
from tests.support.wire import wire

LEASE_S = 10


@pytest.fixture
async def alone(
    processes: Processes,
    own_postgres: PostgresServer,
    migrate: Callable[[str], None],
    django_db_blocker: DjangoDbBlocker,
) -> AsyncIterator[Cluster]:
    """Give a cluster of one web process, which writes the answers, on a PostgreSQL of its own."""
    url = own_postgres.database_url(own_postgres.create_database())
    migrate(url)
    with clustered(processes, url, django_db_blocker, own_postgres) as cluster:
        yield cluster
        await cluster.forget()


@pytest.fixture
async def on_sqlite(
    processes: Processes, sqlite_url: str, django_db_blocker: DjangoDbBlocker
) -> AsyncIterator[Cluster]:
    """Give the chat as `make run` starts it: one process, SQLite."""
    with clustered(processes, sqlite_url, django_db_blocker) as cluster:
        cluster.add_webs(1)
        cluster.heal()
        yield cluster
        await cluster.forget()


def _file_of(cluster: Cluster) -> str:
    return cluster.deployment.env["DATABASE_URL"].removeprefix("sqlite:///")


@asynccontextmanager
async def _streaming(
    cluster: Cluster, people: int, prompt: Callable[[], str]
) -> AsyncIterator[list[tuple[Client, str]]]:
    """Have some people read answers that have begun; gives each client with its generation."""
    clients = [cluster.client(cluster.sign_up("reader")) for _ in range(people)]
    for client in clients:
        await client.__aenter__()
    accepted = await asyncio.gather(*(client.prompt(prompt()) for client in clients))
    streams = [(c, a["generation"]) for c, a in zip(clients, accepted, strict=True)]
    for client, generation in streams:
        await client.until_text(generation, 12)
    yield streams


def _down(client: Client, since: int) -> list[str]:
    """List the codes of the errors a client has been told since its frame number `since`."""
    return [frame["code"] for frame in client.frames[since:] if frame["type"] == "error"]


# -- Away --------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [pytest.param("stop", marks=pytest.mark.chaos), "kill"])
async def test_postgres_restarts_in_the_middle_of_streams(cluster: Cluster, how: str) -> None:
    """PostgreSQL restarts, in order or killed, in the middle of several streams."""
    assert cluster.postgres is not None
    async with _streaming(cluster, 4, lambda: numbered(200)) as streams:
        await asyncio.to_thread(getattr(cluster.postgres, how))
        await asyncio.to_thread(cluster.postgres.start)
        for client, generation in streams:
            assert await client.until_end(generation) == "completed"
            assert len(client.text(generation).split()) == 200


async def test_the_first_sockets_after_a_restart(cluster: Cluster) -> None:
    """PostgreSQL has restarted: nobody is refused for the broken connections it has left behind."""
    assert cluster.postgres is not None
    web, bob = cluster.webs[0], cluster.sign_up("bob")
    # Many at once, so that every thread of the process has a connection.
    await asyncio.gather(*(_open(web, bob.cookie) for _ in range(12)))
    await asyncio.to_thread(cluster.postgres.kill)
    await asyncio.to_thread(cluster.postgres.start)
    await asyncio.gather(*(_open(web, bob.cookie) for _ in range(12)))


async def _open(web: Member, cookie: str) -> None:
    async with wire(web.ws_url, cookie) as socket:
        await socket.until("session.ready")


async def test_postgres_is_down_at_a_send(cluster: Cluster) -> None:
    """PostgreSQL is down at a send: told so at once, stored and asked once when it is back."""
    assert cluster.postgres is not None
    alice = cluster.client(cluster.sign_up("alice"))
    async with alice:
        await asyncio.to_thread(cluster.postgres.kill)
        prompt, since = numbered(20), len(alice.frames)
        message = await alice.send_prompt(prompt)
        await alice.until(lambda: "unavailable" in _down(alice, since), "unavailable", 15)
        assert await cluster.evolution.calls(prompt) == []
        await asyncio.to_thread(cluster.postgres.start)
        accepted = await alice.until_accepted(message)
        assert await alice.until_end(accepted["generation"]) == "completed"
        assert len(await cluster.evolution.calls(prompt)) == 1


async def test_an_outage_outlasts_an_answer(alone: Cluster) -> None:
    """PostgreSQL is away for longer than an answer is held: the provider is let go, the text kept."""
    assert alone.postgres is not None
    alone.add_webs(1, DATABASE_OUTAGE_TIMEOUT="3")
    alone.heal()
    prompt = endless()
    async with _streaming(alone, 1, lambda: prompt) as [(alice, generation)]:
        await asyncio.to_thread(alone.postgres.kill)
        await alone.evolution.until_closed(prompt, 30)
        assert not alice.screen.shown[generation].ended
        shown = alice.text(generation)
        await asyncio.to_thread(alone.postgres.start)
        alone.database.reconnect()
        assert await alice.until_end(generation) == "interrupted"
        assert alice.text(generation).startswith(shown)
        await check(alone)
        written = len(alice.text(generation))
        again = await alice.go_on(generation)
        await alice.until_text(again["generation"], 60)
        await alice.cancel(again["generation"])
        assert await alice.until_end(again["generation"]) == "cancelled"
        await check(alone)
    (answer,) = [m for m in alone.database.messages_of(alice.person) if m.role == "assistant"]
    assert len(answer.content) > written


@pytest.mark.chaos
async def test_much_text_arrives_in_an_outage(alone: Cluster) -> None:
    """Text comes as fast as it can while PostgreSQL is away: it waits at the provider, not in memory."""
    assert alone.postgres is not None
    alone.add_webs(1)
    alone.heal()
    web = alone.webs[0]
    words = 1_000_000
    prompt = numbered(words, rate=20_000)
    async with _streaming(alone, 1, lambda: prompt) as [(alice, generation)]:
        before = (await web.census())["memory_kib"]
        await asyncio.to_thread(alone.postgres.kill)
        await _until_it_waits(alone, prompt)
        grown = (await web.census())["memory_kib"] - before
        print(f"memory grew by {grown} KiB")
        # 256 K characters, the same again on its way out of the socket, and what Python keeps of them.
        assert grown < 16 * 1024
        await asyncio.to_thread(alone.postgres.start)
        alone.database.reconnect()
        await alice.cancel(generation)
        assert await alice.until_end(generation) == "cancelled"
        await check(alone)


async def _until_it_waits(cluster: Cluster, prompt: str) -> None:
    """Wait until the provider gets rid of nothing any more: nobody reads."""
    sent = -1

    async def stands() -> bool:
        nonlocal sent
        await asyncio.sleep(1)
        before, sent = sent, (await cluster.evolution.calls(prompt))[-1]["chunks_sent"]
        return bool(sent == before)

    await eventually(stands, "the provider waits", 60)


# -- Silent ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [5, pytest.param(30, marks=pytest.mark.chaos)])
async def test_postgres_freezes_in_the_middle_of_streams(cluster: Cluster, seconds: float) -> None:
    """PostgreSQL freezes in the middle of streams: processes stay awake, every answer goes on."""
    assert cluster.postgres is not None
    bob = cluster.sign_up("bob")
    said = {web.name: len(web.output()) for web in cluster.webs}
    async with (
        _streaming(cluster, 4, lambda: numbered(200, rate=20)) as streams,
        pulse(bob, cluster.webs) as felt,
    ):
        await eventually(lambda: len(felt.pings) > 1 and len(felt.health) > 1, "pulse felt")
        cluster.postgres.freeze()
        began = time.monotonic()
        told = await _send_and_knock(cluster, streams[0][0])
        await asyncio.sleep(max(0.0, seconds - (time.monotonic() - began)))
        cluster.postgres.thaw()
        for client, generation in streams:
            assert await client.until_end(generation, 60) == "completed"
            assert len(client.text(generation).split()) == 200
        felt.check()
        print(f"frozen for {seconds} s: {felt}; a new socket was {told}")
    assert not any("Traceback" in web.output()[said[web.name] :] for web in cluster.webs)


async def _send_and_knock(cluster: Cluster, client: Client) -> str:
    """Send a prompt and open a socket while the database says nothing; tell what became of the socket."""
    await client.send_prompt(numbered(5))
    try:
        async with (
            asyncio.timeout(4),
            wire(cluster.webs[0].ws_url, client.person.cookie) as socket,
        ):
            await socket.receive()
    except TimeoutError:
        return "kept waiting"
    except InvalidHandshake as refusal:
        return f"refused: {refusal}"
    return "opened"


@pytest.mark.chaos
@pytest.mark.parametrize("way", ["freeze", "black_hole"])
async def test_a_runner_loses_the_database_for_longer_than_its_lease(
    cluster: Cluster, way: str
) -> None:
    """One runner is cut off from PostgreSQL for longer than its lease: the others end its answers."""
    prompt = endless()
    async with _streaming(cluster, 1, lambda: prompt) as [(alice, generation)]:
        lost = await cluster.runner_of(generation)
        getattr(lost.links["database"], way)()
        assert await alice.until_end(generation, 40) == "interrupted"
        shown = alice.text(generation)
        lost.links["database"].restore()
        await cluster.evolution.until_closed(prompt, 40)
        await asyncio.to_thread(lost.process.wait_for_line, "lost its lease", 40)  # type: ignore[union-attr]
        again = await alice.prompt(numbered(100), alice.accepted[_only_key(alice)]["conversation"])
        assert await alice.until_end(again["generation"]) == "completed"
        assert alice.text(generation) == shown
    await _until_it_works_again(cluster, lost)


def _only_key(client: Client) -> str:
    (key,) = client.accepted
    return key


async def _until_it_works_again(cluster: Cluster, member: Member) -> None:
    """Wait until a new runner of that process is at work."""
    url = cluster.deployment.env["DATABASE_URL"]
    alive = "SELECT 1 FROM chat_runner WHERE ended_at IS NULL AND name LIKE %s"
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:

        async def is_enlisted() -> bool:
            found = await connection.execute(alive, [f"%:{member.pid}"])
            return await found.fetchone() is not None

        await eventually(is_enlisted, "a new runner enlisted", 30)


# -- Refusing ----------------------------------------------------------------------------------

REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE check_violation USING MESSAGE = 'not now'; END $$
    LANGUAGE plpgsql;
CREATE TRIGGER refuse BEFORE UPDATE ON chat_generation FOR EACH ROW
    WHEN (NEW.ended_at IS NOT NULL AND {which}) EXECUTE FUNCTION refuse();
"""
REFUSE_NO_MORE = "DROP TRIGGER refuse ON chat_generation; DROP FUNCTION refuse();"


@pytest.mark.parametrize(
    "which", ["NEW.output_tokens IS NOT NULL", pytest.param("true", marks=pytest.mark.chaos)]
)
async def test_an_end_is_refused(alone: Cluster, which: str) -> None:
    """PostgreSQL refuses the end of an answer, with its numbers or at all: its text is kept, it ends."""
    alone.add_webs(1)
    alone.heal()
    web = alone.webs[0]
    async with _streaming(alone, 1, lambda: numbered(40)) as [(alice, generation)]:
        alone.database.execute(REFUSE.format(which=which))
        await asyncio.to_thread(web.process.wait_for_line, "cannot be ended as it should", 20)  # type: ignore[union-attr]
        if which == "true":
            assert not alice.screen.shown[generation].ended
            alone.database.execute(REFUSE_NO_MORE)
        assert await alice.until_end(generation) == "failed"
        if which != "true":
            alone.database.execute(REFUSE_NO_MORE)
        assert len(alice.text(generation).split()) == 40
        await check(alone)


# -- Slow --------------------------------------------------------------------------------------


@pytest.mark.chaos
@pytest.mark.parametrize("fault", ["delay", "throttle"])
async def test_the_link_to_postgres_is_slow(cluster: Cluster, fault: str) -> None:
    """The links of a runner and a web process to PostgreSQL are slow: batches grow, nobody is lost."""
    async with _streaming(cluster, 3, lambda: numbered(300)) as streams:
        for member in (cluster.webs[0], cluster.runners[0]):
            link = member.links["database"]
            # 300 ms a round trip; or 5 of our transactions a second.
            link.delay(0.15) if fault == "delay" else link.throttle(10_000)
        more = await asyncio.gather(*(client.prompt(numbered(100)) for client, _ in streams))
        streams += [(c, a["generation"]) for (c, _), a in zip(streams, more, strict=False)]
        for client, generation in streams:
            assert await client.until_end(generation, 90) == "completed"
    rows = [(len(alice.text(g).split()), alice.screen.shown[g].seq) for alice, g in streams]
    print(f"words and deltas of each: {rows}")


# -- SQLite ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [6, pytest.param(27, marks=pytest.mark.chaos)])
async def test_sqlite_is_locked(on_sqlite: Cluster, seconds: float) -> None:
    """Another writer holds SQLite's lock during a stream and a send: both go on afterwards."""
    web = on_sqlite.webs[0]
    bob = on_sqlite.sign_up("bob")
    async with (
        _streaming(on_sqlite, 1, lambda: numbered(150, rate=20)) as [(alice, generation)],
        pulse(bob, [web]) as felt,
    ):
        await eventually(lambda: len(felt.pings) > 1 and len(felt.health) > 1, "pulse felt")
        other = sqlite3.connect(_file_of(on_sqlite), isolation_level=None, timeout=20)
        other.execute("BEGIN IMMEDIATE")
        prompt = numbered(10)
        message = await alice.send_prompt(prompt)
        await asyncio.sleep(seconds)
        shown = alice.text(generation)
        other.execute("ROLLBACK")
        other.close()
        accepted = await alice.until_accepted(message)
        assert await alice.until_end(accepted["generation"]) == "completed"
        assert await alice.until_end(generation) == "completed"
        assert len(alice.text(generation).split()) == 150 > len(shown.split())
        felt.check()
        print(f"locked for {seconds} s: {felt}")
    assert len(await on_sqlite.evolution.calls(prompt)) == 1
    await check(on_sqlite)


async def test_the_disk_is_full(on_sqlite: Cluster) -> None:
    """SQLite's disk is full for a while: answers wait, prompts are refused, then all goes on."""
    process = psutil.Process(on_sqlite.webs[0].pid)
    async with _streaming(on_sqlite, 1, lambda: numbered(200)) as [(alice, generation)]:
        # No file may grow beyond what the journal of SQLite has reached.
        process.rlimit(psutil.RLIMIT_FSIZE, (32 * 1024, psutil.RLIM_INFINITY))
        since, message = len(alice.frames), str(uuid.uuid4())
        await alice.send_prompt(numbered(10), key=message)
        await alice.until(lambda: "unavailable" in _down(alice, since), "unavailable")
        assert not alice.screen.shown[generation].ended
        process.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
        accepted = await alice.until_accepted(message)
        for each in (generation, accepted["generation"]):
            assert await alice.until_end(each) == "completed"
        assert len(alice.text(generation).split()) == 200
        await check(on_sqlite)
