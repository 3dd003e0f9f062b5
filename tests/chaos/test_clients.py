"""Clients that come and go; the processes stay well."""

import asyncio
import uuid

import pytest

from tests.chaos.cluster import Cluster
from tests.chaos.prompts import numbered
from tests.support.waiting import eventually


@pytest.mark.parametrize(
    "after_chars", [6, *(pytest.param(n, marks=pytest.mark.chaos) for n in (0, 200, 600))]
)
async def test_a_client_drops_and_returns(cluster: Cluster, after_chars: int) -> None:
    """A client drops at any point of an answer and returns."""
    alice = cluster.client(cluster.sign_up("alice"))
    async with alice:
        accepted = await alice.prompt(numbered(200))
        await alice.until_text(accepted["generation"], after_chars)
        await alice.drop()
        assert await alice.until_end(accepted["generation"]) == "completed"
        await alice.until(alice.is_caught_up, "caught up")
        assert alice.connects == 2
    assert len(cluster.database.message(accepted["answer"]).content.split()) == 200


@pytest.mark.chaos
async def test_a_client_never_returns(cluster: Cluster) -> None:
    """A client drops and never returns: its answer is written all the same."""
    alice = cluster.client(cluster.sign_up("alice"))
    async with alice:
        accepted = await alice.prompt(numbered(100))
        await alice.until_text(accepted["generation"], 20)
    await _until_words(cluster, accepted["answer"], 100)


async def test_an_ack_that_is_lost(cluster: Cluster) -> None:
    """A client drops between commit and acknowledgement, and sends again."""
    alice, link = cluster.linked_client(cluster.sign_up("alice"))
    async with alice:
        opened = await alice.prompt(numbered(5))
        await alice.until_end(opened["generation"])
        await asyncio.to_thread(link.black_hole, "down")
        prompt = numbered(50)
        message = await alice.send_prompt(prompt, opened["conversation"])
        await cluster.evolution.until(prompt, lambda call: call["chunks_sent"], "being answered")
        await asyncio.to_thread(link.restore)
        await asyncio.to_thread(link.drop, reset=True)
        accepted = await alice.until_accepted(message)
        assert accepted["duplicate"]
        assert await alice.until_end(accepted["generation"]) == "completed"


async def test_two_sockets_send_the_same(cluster: Cluster) -> None:
    """The same prompt is sent over two sockets to two processes at once."""
    person = cluster.sign_up("alice")
    first, second = cluster.client(person, 0), cluster.client(person, 1)
    async with first, second:
        for _ in range(10):
            message, prompt = str(uuid.uuid4()), numbered(5)
            await asyncio.gather(*(c.send_prompt(prompt, key=message) for c in (first, second)))
            for client in (first, second):
                await client.until_accepted(message)
            told = [client.accepted[message] for client in (first, second)]
            assert sorted(each["duplicate"] for each in told) == [False, True]
            for client in (first, second):
                assert await client.until_end(told[0]["generation"]) == "completed"


async def test_two_tabs_write_at_once(cluster: Cluster) -> None:
    """Two tabs send different prompts into one conversation."""
    person = cluster.sign_up("alice")
    first, second = cluster.client(person, 0), cluster.client(person, 1)
    async with first, second:
        opened = await first.prompt(numbered(5))
        await second.watch(opened["conversation"])
        told = await asyncio.gather(
            *(c.prompt(numbered(40), opened["conversation"]) for c in (first, second))
        )
        for client in (first, second):
            for each in told:
                assert await client.until_end(each["generation"]) == "completed"
        texts = [[c.text(each["generation"]) for each in told] for c in (first, second)]
        assert texts[0] == texts[1]


async def _until_words(cluster: Cluster, answer: str, words: int) -> None:
    def is_written() -> bool:
        return len(cluster.database.message(answer).content.split()) == words

    await eventually(is_written, f"{words} words stored", 20)
