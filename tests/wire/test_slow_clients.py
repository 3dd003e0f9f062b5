"""Clients that take little or nothing: they cost no memory, and nobody waits for them."""

import asyncio
import http.client
import time
from collections.abc import Iterator
from contextlib import closing

import psutil
import pytest
from pytest_django import DjangoDbBlocker

from tests.support.database import Person
from tests.support.deployment import Deployment, deployed
from tests.support.processes import Process, Processes
from tests.support.slow_client import SlowClient
from tests.support.waiting import wait_until
from tests.wire.servers import Witnessed, ours, plain_daphne

MIB = 1024 * 1024
MESSAGES = 400
MESSAGE_BYTES = MIB // 4


def memory(process: Process) -> int:
    rss: int = psutil.Process(process.pid).memory_info().rss
    return rss


def told(server: Witnessed, until: str = "") -> int:
    """Tell how many messages of its application a server has taken, up to a line that has `until` in it."""
    said = server.process.output()
    before = said[: said.index(until)] if until else said
    return before.count("told ")


def test_a_frozen_client_is_left_with_4408_and_costs_no_memory(processes: Processes) -> None:
    server, daphne = ours(processes, stall_s=2.0), plain_daphne(processes)
    path = f"talk/{MESSAGES}/{MESSAGE_BYTES}/"

    before = memory(server.process)
    with SlowClient(f"{server.ws_url}/{path}") as frozen:
        server.process.wait_for_line("a client is too slow")
        assert memory(server.process) - before < 16 * MIB
        assert frozen.take_all() == 4408
    server.wait_until_said("cleaned ws/talk")
    assert told(server, until="too slow") < 5

    before = memory(daphne.process)
    with SlowClient(f"{daphne.ws_url}/{path}"):
        wait_until(lambda: told(daphne) == MESSAGES, "daphne has taken everything", 60)
        assert memory(daphne.process) - before > 0.8 * MESSAGES * MESSAGE_BYTES


def test_a_client_that_never_reads_again_is_dropped(processes: Processes) -> None:
    server = ours(processes, stall_s=1.0)
    with SlowClient(f"{server.ws_url}/talk/{MESSAGES}/{MESSAGE_BYTES}/"):
        server.wait_until_said("cleaned ws/talk")
        connections = psutil.Process(server.process.pid).net_connections("tcp")
        assert [each.status for each in connections] == ["LISTEN"]


def test_a_slow_link_that_moves_is_left_alone(processes: Processes) -> None:
    server = ours(processes, stall_s=5.0)
    with SlowClient(f"{server.ws_url}/talk/4/{MESSAGE_BYTES}/") as slow:
        until = time.monotonic() + 10.0
        while time.monotonic() < until:
            # 6 KB/s, for twice as long as a client may stall: a wait is what this one is made of.
            assert slow.take(3000)
            time.sleep(0.5)
        assert told(server) < 4
        while slow.text_bytes() < 4 * MESSAGE_BYTES:
            assert slow.take(1 << 16)
    assert "too slow" not in server.process.output()


def test_a_streamed_answer_waits_for_its_client(processes: Processes) -> None:
    server, daphne = ours(processes, stall_s=2.0), plain_daphne(processes)
    path = f"/talk/{MESSAGES}/{MESSAGE_BYTES}/"

    before = memory(server.process)
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as frozen:
        frozen.request("GET", path)
        server.process.wait_for_line("an HTTP client is too slow")
        server.wait_until_said("cleaned talk")
    # The kernel of this client holds some megabytes.
    assert memory(server.process) - before < 16 * MIB
    assert told(server, until="too slow") < MESSAGES / 2

    with closing(http.client.HTTPConnection("127.0.0.1", daphne.port)) as frozen:
        frozen.request("GET", path)
        wait_until(lambda: told(daphne) == MESSAGES, "daphne has taken everything", 60)


def test_a_streamed_answer_arrives_whole(processes: Processes) -> None:
    server = ours(processes)
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as client:
        for _ in range(2):
            client.request("GET", "/talk/20/100000/")
            assert len(client.getresponse().read()) == 2_000_000


# -- The chat itself -------------------------------------------------------------------------------

LONG = "x" * 95_000
ASKED = 60


@pytest.fixture
def chat(
    processes: Processes, sqlite_url: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[Deployment]:
    """Give a chat of this test's own, whose memory is its own too."""
    with deployed(processes, sqlite_url, django_db_blocker) as deployment:
        deployment.add_web()
        yield deployment


def frozen(chat: Deployment, person: Person) -> SlowClient:
    web = chat.webs[0]
    return SlowClient(web.ws_url, Cookie=person.cookie, Origin=web.url)


async def test_replies_are_made_as_they_are_taken(chat: Deployment) -> None:
    """Sixty snapshots of over a megabyte, asked for by a client that takes none of them."""
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt(f"[[chunks=1 rate=0]] {LONG}")
        await socket.until_end(accepted["generation"])
        for _ in range(11):
            more = await socket.prompt(f"[[chunks=1 rate=0]] {LONG}", accepted["conversation"])
            await socket.until_end(more["generation"])
    web = chat.webs[0]
    before = memory(web)
    with frozen(chat, alice) as client:
        for _ in range(ASKED):
            client.send(type="conversation.subscribe", **subscribe_to(accepted))
        await asyncio.to_thread(web.wait_for_line, "a client is too slow")
        assert memory(web) - before < 24 * MIB
        assert client.take_all() == 4408
        assert len(client.events()) < ASKED / 2
    async with chat.socket(alice) as socket:
        snapshot = await socket.ask("conversation.subscribe", **subscribe_to(accepted))
    assert len(snapshot["messages"]) == 24
    assert sum(len(message["content"]) for message in snapshot["messages"]) > MIB


def subscribe_to(accepted: dict[str, str]) -> dict[str, str]:
    return {"conversation": accepted["conversation"]}


async def test_a_reader_who_froze_has_the_whole_answer_afterwards(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt("[[chunks=40000 rate=8000]]")
        with frozen(chat, alice) as client:
            client.send(type="conversation.subscribe", **subscribe_to(accepted))
            await socket.until_end(accepted["generation"], within_s=60)
            await asyncio.to_thread(chat.webs[0].wait_for_line, "a client is too slow")
            assert client.take_all() == 4408
    async with chat.socket(alice) as socket:
        snapshot = await socket.ask("conversation.subscribe", **subscribe_to(accepted))
    words = snapshot["messages"][-1]["content"].split()
    assert words == [f"w{n:04}" for n in range(1, 40001)]


# -- Too large, in the other direction -------------------------------------------------------------


@pytest.mark.parametrize("frame_bytes", [8 * MIB, 64 * 1024], ids=["one frame", "fragments"])
def test_what_is_too_large_is_refused_with_1009_and_not_kept(
    processes: Processes, frame_bytes: int
) -> None:
    server = ours(processes)
    before = memory(server.process)
    with SlowClient(f"{server.ws_url}/") as client:
        client.send_message(64 * MIB, frame_bytes)
        assert client.take_all() == 1009
        assert memory(server.process) - before < 8 * MIB
    server.wait_until_said("disconnected")
    assert not [line for line in server.said() if line.startswith("received")]
