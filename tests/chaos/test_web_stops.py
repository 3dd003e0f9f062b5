"""Web processes that are told to stop, and clients that take nothing."""

import asyncio
import signal
from functools import partial

import pytest

from tests.chaos.client import Client
from tests.chaos.cluster import Cluster
from tests.chaos.prompts import endless, numbered
from tests.support.waiting import eventually

# Of one answer of 420,000 characters and everything that happens to be allocated for it.
FROZEN_MAX_KIB = 40 * 1024


async def test_a_web_process_is_told_to_stop(cluster: Cluster) -> None:
    """A web process is told to stop: its sockets get 1012, also a new one, and go on at the other."""
    web = cluster.webs[0]
    idle, writing, fresh = (
        cluster.client(cluster.sign_up(name), 0, 1) for name in ("idle", "writing", "fresh")
    )
    async with idle, writing:
        accepted = await writing.prompt(numbered(150))
        await writing.until_text(accepted["generation"], 60)
        fresh.open()
        await fresh.until(lambda: fresh.connects, "a handshake")
        said = len(web.output())
        web.send(signal.SIGTERM)
        for client in (idle, writing, fresh):
            await client.until(partial(_is_back, client), "back")
            assert client.closed_with == [1012]
        assert await writing.until_end(accepted["generation"]) == "completed"
        assert await asyncio.to_thread(web.wait) == 0
        assert "Traceback" not in web.output()[said:]


@pytest.mark.chaos
async def test_the_web_process_that_writes_is_told_to_stop(embedded: Cluster) -> None:
    """A web process that writes the answers is told to stop: short ones end, long ones are interrupted."""
    web, person = embedded.webs[0], embedded.sign_up("alice")
    alice, other = embedded.client(person, 0, 1), embedded.client(person, 1)
    async with alice, other:
        long = await alice.prompt(endless())
        short = await alice.prompt(numbered(30, hold=20))
        for each in (long, short):
            await other.watch(each["conversation"])
            await other.until_text(each["generation"], 60)
        web.send(signal.SIGTERM)
        await alice.until(partial(_is_back, alice), "back")
        assert alice.closed_with[0] == 1012
        await embedded.evolution.release()
        for client in (alice, other):
            assert await client.until_end(short["generation"]) == "completed"
            assert await client.until_end(long["generation"]) == "interrupted"
        assert await asyncio.to_thread(web.wait) == 0
        await asyncio.to_thread(embedded.heal)
        more = await alice.go_on(long["generation"])
        await alice.until_text(more["generation"], 30)
        await alice.cancel(more["generation"])


@pytest.mark.chaos
async def test_a_client_freezes(cluster: Cluster) -> None:
    """A client freezes while much is told: it costs no memory, is left with 4408, and has it all later."""
    web, person = cluster.webs[0], cluster.sign_up("alice")
    frozen, other = cluster.client(person, 0), cluster.client(person, 0)
    async with frozen, other:
        opened = await frozen.prompt(numbered(5))
        await frozen.until_end(opened["generation"])
        await other.watch(opened["conversation"])
        before = (await web.census())["memory_kib"]
        frozen.transport.pause_reading()
        accepted = await other.prompt(numbered(60_000, rate=0), opened["conversation"])
        assert await other.until_end(accepted["generation"]) == "completed"
        await eventually(lambda: "too slow" in web.output(), "the client given up", 60)
        assert (await web.census())["memory_kib"] - before < FROZEN_MAX_KIB
        frozen.transport.resume_reading()
        await frozen.until(partial(_is_back, frozen), "back")
        # Or lost, when it woke so late that the server had given up on its reading that.
        assert frozen.closed_with in ([4408], [1006])
        assert await frozen.until_end(accepted["generation"]) == "completed"


def _is_back(client: Client) -> bool:
    return client.connects == 2 and client.is_ready
