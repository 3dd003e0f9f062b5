"""SIGTERM: nobody is cut off, and it is over in time. Where plain daphne does otherwise, that is shown too."""

import asyncio
import http.client
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psutil
import pytest
from pytest_django import DjangoDbBlocker
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from tests.support.deployment import Deployment, deployed
from tests.support.postgres import PostgresServer
from tests.support.processes import Process, Processes
from tests.support.waiting import eventually, listens, wait_until
from tests.wire.servers import Witnessed, ours, plain_daphne


async def closed_at_stop(server: Witnessed) -> int | None:
    """End the server right after a handshake, and return the close code that the client saw."""
    async with connect(f"{server.ws_url}/") as connection:
        server.process.send(signal.SIGTERM)
        await connection.wait_closed()
        return connection.close_code


async def test_a_socket_is_closed_with_1012_and_its_consumer_told(processes: Processes) -> None:
    server, daphne = ours(processes), plain_daphne(processes)

    assert await closed_at_stop(server) == 1012
    assert server.process.wait() == 0
    assert [line for line in server.said() if "the server" not in line][-4:] == [
        "disconnected",
        "cleaning ws",
        "cleaned ws",
        "background stopped",
    ]

    assert await closed_at_stop(daphne) == 1006
    daphne.process.wait()
    assert "disconnected" not in daphne.said()
    assert "cleaned ws" not in daphne.said()


async def refused_at_stop(server: Witnessed) -> int | None:
    """End the server during a handshake, and return the status that the client saw."""
    handshake = asyncio.create_task(shake_hands(f"{server.ws_url}/undecided/"))
    await eventually(lambda: "began ws/undecided" in server.said(), "the handshake has begun")
    server.process.send(signal.SIGTERM)
    return await handshake


async def shake_hands(url: str) -> int | None:
    try:
        async with connect(url):
            return 101
    except InvalidStatus as refusal:
        return refusal.response.status_code
    except (InvalidHandshake, ConnectionClosed, OSError, EOFError):
        return None


async def test_a_handshake_is_refused_with_503_and_its_application_ended(
    processes: Processes,
) -> None:
    server, daphne = ours(processes), plain_daphne(processes)

    assert await refused_at_stop(server) == 503
    assert server.process.wait() == 0
    assert "cleaned ws/undecided" in server.said()

    assert await refused_at_stop(daphne) is None
    daphne.process.wait()
    assert "cleaned ws/undecided" not in daphne.said()


@contextmanager
def ask(server: Witnessed, path: str) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        connection.request("GET", path)
        server.wait_until_said(f"began {path.split('/')[1]}")
        yield connection


def test_a_request_under_way_is_answered_and_its_connection_closed(processes: Processes) -> None:
    server, daphne = ours(processes), plain_daphne(processes)

    with ask(server, "/wait/1/") as asking:
        server.process.send(signal.SIGTERM)
        answer = asking.getresponse()
        assert (answer.status, answer.read()) == (200, b"waited")
        assert answer.headers["Connection"] == "close"
        assert server.process.wait() == 0

    with ask(daphne, "/wait/1/") as cut_off:
        daphne.process.send(signal.SIGTERM)
        with pytest.raises(ConnectionError):
            cut_off.getresponse()


def test_nothing_new_is_taken_while_the_rest_ends(processes: Processes) -> None:
    server = ours(processes)
    with ask(server, "/wait/0/") as idle, ask(server, "/wait/2/") as busy:
        assert idle.getresponse().read() == b"waited"
        server.process.send(signal.SIGTERM)
        wait_until(lambda: not listens(server.port), "the port is closed")
        assert idle.sock.recv(1) == b""
        # Neither had to wait for the answer that is under way.
        assert server.said().count("cleaned wait") < 2
        assert busy.getresponse().read() == b"waited"


def test_a_second_signal_changes_nothing(processes: Processes) -> None:
    server = ours(processes)
    with ask(server, "/wait/2/") as asking:
        server.process.send(signal.SIGTERM)
        server.wait_until_said("background winds down")
        server.process.send(signal.SIGTERM)
        server.process.send(signal.SIGINT)
        assert asking.getresponse().read() == b"waited"
    assert server.process.wait() == 0
    assert "background stopped" in server.said()


def test_what_does_not_end_is_cancelled_and_all_of_it_waited_for(processes: Processes) -> None:
    server, daphne = ours(processes), plain_daphne(processes)
    for each in (server, daphne):
        with ask(each, "/never/0/"), ask(each, "/never/1/"):
            wait_until(lambda each=each: each.said().count("began never") == 2, "both have begun")
            each.process.send(signal.SIGTERM)
            assert each.process.wait() == 0

    assert server.said().count("cleaned never") == 2
    assert "background stopped" in server.said()
    assert daphne.said().count("cleaned never") == 1


# -- The chat itself -------------------------------------------------------------------------------


@pytest.fixture
def chat(
    processes: Processes, sqlite_url: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[Deployment]:
    """Give a chat of this test's own, to stop."""
    with deployed(processes, sqlite_url, django_db_blocker, USER_MAX_GENERATIONS="2") as deployment:
        deployment.add_web()
        yield deployment


def assert_stopped_cleanly(web: Process) -> None:
    assert web.wait() == 0
    told = web.output()
    assert "Traceback" not in told
    assert "ERROR" not in told


async def test_what_is_written_may_end_and_what_is_queued_waits(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        short = await socket.prompt("[[chunks=20 rate=10]]")
        long = await socket.prompt("[[chunks=2000 rate=10]]")
        queued = await socket.prompt("[[chunks=1]]")
        await socket.until_text(short["generation"], 11)
        await socket.until_text(long["generation"], 11)
        chat.webs[0].send(signal.SIGTERM)
        with pytest.raises(ConnectionClosed):
            await socket.until("nothing more")
        assert socket.connection.close_code == 1012
    assert_stopped_cleanly(chat.webs[0])
    ends = [chat.database.generation(each["generation"]) for each in (short, long, queued)]
    assert [end.status for end in ends] == ["completed", "interrupted", "queued"]
    stored = chat.database.message(long["answer"]).content
    assert stored.startswith(socket.shown(long["generation"]))
    assert len(chat.database.message(short["answer"]).content.split()) == 20


async def test_a_deploy_is_a_reconnect(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt("[[chunks=30 rate=20]]")
        await socket.until_text(accepted["generation"], 11)
        chat.webs[0].send(signal.SIGTERM)
        await socket.connection.wait_closed()
    assert_stopped_cleanly(chat.webs[0])
    chat.add_web()
    async with chat.socket(alice, web=1) as socket:
        snapshot = await socket.ask("conversation.subscribe", conversation=accepted["conversation"])
    answer = snapshot["messages"][-1]
    assert answer["content"].split() == [f"w{n:04}" for n in range(1, 31)]
    assert answer["generation"]["status"] == "completed"


def freeze(server: PostgresServer, thaw: bool = False) -> None:
    """Stop every process of a database: its connections stay open, and nothing answers."""
    main = psutil.Process(server._process.pid)
    for each in (main, *main.children(recursive=True)):
        each.resume() if thaw else each.suspend()


async def test_a_process_that_hangs_on_its_database_is_gone_before_it_is_killed(
    processes: Processes, own_postgres: PostgresServer, django_db_blocker: DjangoDbBlocker
) -> None:
    url = own_postgres.database_url(own_postgres.create_database())
    assert processes.manage("migrate", "-v0", env={"DATABASE_URL": url}).wait(60) == 0
    with deployed(processes, url, django_db_blocker) as chat:
        web = chat.add_web()
        alice = chat.sign_up("alice")
        async with chat.socket(alice) as socket:
            accepted = await socket.prompt("[[chunks=2000 rate=50]]")
            await socket.until_text(accepted["generation"], 60)
            freeze(own_postgres)
            web.send(signal.SIGTERM)
            await socket.connection.wait_closed()
            assert socket.connection.close_code == 1012
        assert await asyncio.to_thread(web.wait, 30) == 1
        assert "did not stop within" in web.output()
        freeze(own_postgres, thaw=True)
