"""The link of one runner to the provider fails in mid-answer."""

import asyncio

import pytest

from tests.chaos.client import Client
from tests.chaos.cluster import Cluster
from tests.chaos.prompts import endless, numbered
from tests.support.proxy import Proxy


@pytest.mark.parametrize("reset", [False, pytest.param(True, marks=pytest.mark.chaos)])
async def test_the_link_to_the_provider_is_cut(cluster: Cluster, reset: bool) -> None:
    """The link to the provider is cut in mid-answer: what came is kept, and it can go on."""
    alice = cluster.client(cluster.sign_up("alice"))
    async with alice:
        accepted, link = await _answering(cluster, alice, endless())
        await asyncio.to_thread(link.cut, reset=reset)
        assert await alice.until_end(accepted["generation"]) == "failed"
        row = cluster.database.generation(accepted["generation"])
        assert (row.code, row.retryable) == ("provider_truncated", True)
        await asyncio.to_thread(link.restore)
        more = await alice.go_on(accepted["generation"])
        await alice.until_text(more["generation"], 30)
        await alice.cancel(more["generation"])


@pytest.mark.chaos
async def test_the_link_to_the_provider_pauses(cluster: Cluster) -> None:
    """The link to the provider freezes for a while in mid-answer: the answer goes on."""
    alice = cluster.client(cluster.sign_up("alice"))
    async with alice:
        accepted, link = await _answering(cluster, alice, numbered(100))
        await asyncio.to_thread(link.freeze)
        # No more can come: all that does is already on its way.
        await alice.ping()
        await asyncio.to_thread(link.restore)
        assert await alice.until_end(accepted["generation"]) == "completed"


@pytest.mark.chaos
async def test_the_link_to_the_provider_freezes(cluster: Cluster) -> None:
    """The link to the provider freezes for good in mid-answer: the answer fails in time."""
    alice = cluster.client(cluster.sign_up("alice"))
    async with alice:
        accepted, link = await _answering(cluster, alice, endless())
        await asyncio.to_thread(link.freeze)
        assert await alice.until_end(accepted["generation"], 60) == "failed"
        assert cluster.database.generation(accepted["generation"]).code == "provider_timeout"


@pytest.mark.chaos
async def test_a_cancel_over_a_frozen_link(cluster: Cluster) -> None:
    """A cancel comes while the link to the provider is frozen: it does not wait for that."""
    alice = cluster.client(cluster.sign_up("alice"))
    async with alice:
        accepted, link = await _answering(cluster, alice, endless())
        await asyncio.to_thread(link.freeze)
        await alice.cancel(accepted["generation"])
        assert await alice.until_end(accepted["generation"], 15) == "cancelled"


@pytest.mark.chaos
async def test_the_link_to_the_provider_is_slow(cluster: Cluster) -> None:
    """The link to the provider is slow in mid-answer: the answer is late and whole."""
    alice = cluster.client(cluster.sign_up("alice"))
    async with alice:
        accepted, link = await _answering(cluster, alice, numbered(100))
        await asyncio.to_thread(link.throttle, 8_000, "down")
        assert await alice.until_end(accepted["generation"]) == "completed"


async def _answering(cluster: Cluster, client: Client, prompt: str) -> tuple[dict[str, str], Proxy]:
    """Have a prompt being answered, and give the link over which its text comes."""
    accepted = await client.prompt(prompt)
    await client.until_text(accepted["generation"], 60)
    runner = await cluster.runner_of(accepted["generation"])
    return accepted, runner.links["provider"]
