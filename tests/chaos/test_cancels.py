"""Cancels that race: the end, the first word, a pause, a lost Redis, each other."""

import asyncio
import random

import pytest

from tests.chaos.client import Client
from tests.chaos.cluster import Cluster
from tests.chaos.prompts import endless, numbered
from tests.support.database import Person
from tests.support.wire import TERMINAL

WORDS = 10
# Of 60 characters: early, in the middle, at the last words, and when all has been shown.
MOMENTS = (0, 30, 48, 54, 60)
PEOPLE = 4
TIMES = 50


@pytest.mark.parametrize("times", [6, pytest.param(TIMES, marks=pytest.mark.chaos)])
async def test_a_cancel_races_the_end(cluster: Cluster, times: int) -> None:
    """A cancel races the end of an answer that another process writes."""
    await _race(cluster, times)


@pytest.mark.chaos
async def test_a_cancel_races_the_end_in_one_process(embedded: Cluster) -> None:
    """A cancel races the end of an answer of the same process, and of the next one."""
    await _race(embedded, TIMES)


@pytest.mark.parametrize("web", [pytest.param(0, marks=pytest.mark.chaos), 1])
async def test_a_cancel_before_the_first_word(cluster: Cluster, web: int) -> None:
    """A cancel comes before the first word, from either web process."""
    person, prompt = cluster.sign_up("alice"), numbered(20, first=60)
    alice, other = cluster.client(person, 0), cluster.client(person, web)
    async with alice, other:
        accepted = await alice.prompt(prompt)
        await cluster.evolution.until(prompt, lambda call: call, "asked")
        await other.cancel(accepted["generation"])
        assert await alice.until_end(accepted["generation"]) == "cancelled"
        await cluster.evolution.until_closed(prompt)
        assert cluster.database.message(accepted["answer"]).content == ""


@pytest.mark.chaos
async def test_a_cancel_in_a_pause_before_a_retry(cluster: Cluster) -> None:
    """A cancel comes while the provider has asked to wait: it is not asked again."""
    prompt = numbered(5, status=429, retry_after=25)
    alice = cluster.client(cluster.sign_up("alice"))
    async with alice:
        accepted = await alice.prompt(prompt)
        await alice.until(lambda: _has(alice, "generation.retrying"), "told of a retry")
        await alice.cancel(accepted["generation"])
        assert await alice.until_end(accepted["generation"], 15) == "cancelled"
        assert len(await cluster.evolution.calls(prompt)) == 1


async def test_a_cancel_while_queued(cluster: Cluster) -> None:
    """A cancel comes while the answer is queued: the provider is never asked."""
    person = cluster.sign_up("alice")
    alice, other = cluster.client(person, 0), cluster.client(person, 1)
    async with alice, other:
        running = [await alice.prompt(endless()) for _ in range(3)]
        for each in running:
            await alice.until_text(each["generation"], 1)
        prompt = numbered(20)
        queued = await alice.prompt(prompt)
        await alice.until(lambda: _has(alice, "generation.queued"), "told its place")
        await other.cancel(queued["generation"])
        assert await alice.until_end(queued["generation"]) == "cancelled"
        for each in running:
            await other.cancel(each["generation"])
            assert await alice.until_end(each["generation"]) == "cancelled"
        assert await cluster.evolution.calls(prompt) == []


@pytest.mark.chaos
async def test_a_cancel_without_redis(cluster: Cluster) -> None:
    """A cancel comes from another process while Redis is dead."""
    assert cluster.redis is not None
    person, prompt = cluster.sign_up("alice"), endless()
    alice, other = cluster.client(person, 0), cluster.client(person, 1)
    async with alice, other:
        accepted = await alice.prompt(prompt)
        await alice.until_text(accepted["generation"], 60)
        await asyncio.to_thread(cluster.redis.kill)
        await other.cancel(accepted["generation"])
        await cluster.evolution.until_closed(prompt)
        assert await alice.until_end(accepted["generation"]) == "cancelled"


@pytest.mark.chaos
async def test_a_cancel_comes_twice(cluster: Cluster) -> None:
    """A cancel comes from two tabs at once, and again when all is over."""
    person = cluster.sign_up("alice")
    alice, other = cluster.client(person, 0), cluster.client(person, 1)
    async with alice, other:
        accepted = await alice.prompt(endless())
        generation = accepted["generation"]
        await alice.until_text(generation, 60)
        await asyncio.gather(*(c.cancel(generation) for c in (alice, other, alice, other)))
        assert await alice.until_end(generation) == "cancelled"
        late = await other.cancel(generation)
        assert (late["type"], late["generations"]) == ("generation.cancelling", [])
        await other.ping()
        told = [f for f in other.frames if f.get("command_id") == late["command_id"]]
        assert [frame["type"] for frame in told[1:]] == ["generation.cancelled"]


async def test_a_cancel_of_another_persons_answer(cluster: Cluster) -> None:
    """A cancel of somebody else's answer is refused and changes nothing."""
    alice = cluster.client(cluster.sign_up("alice"))
    mallory = cluster.client(cluster.sign_up("mallory"))
    async with alice, mallory:
        accepted = await alice.prompt(numbered(60))
        await alice.until_text(accepted["generation"], 30)
        told = await mallory.cancel(accepted["generation"])
        assert (told["type"], told["code"]) == ("error", "not_found")
        assert await alice.until_end(accepted["generation"]) == "completed"


async def _race(cluster: Cluster, times: int) -> None:
    people = [cluster.sign_up("alice") for _ in range(PEOPLE)]
    ends = await asyncio.gather(*(_race_of(cluster, person, times) for person in people))
    told = [end for each in ends for end in each]
    assert len(told) == PEOPLE * times
    assert set(told) == {"completed", "cancelled"}, told


async def _race_of(cluster: Cluster, person: Person, times: int) -> list[str]:
    alice, other = cluster.client(person, 0), cluster.client(person, 1)
    ends = []
    async with alice, other:
        for _ in range(times):
            accepted = await alice.prompt(numbered(WORDS, rate=100))
            await alice.until_text(accepted["generation"], random.choice(MOMENTS))
            # Anywhere within a tick.
            await asyncio.sleep(random.uniform(0, 0.05))
            await random.choice((alice, other)).cancel(accepted["generation"])
            ends.append(await alice.until_end(accepted["generation"]))
            await _check_one_end(alice, accepted["generation"])
    return ends


async def _check_one_end(client: Client, generation: str) -> None:
    """Nothing comes after the end: not a word, and no other end."""
    await client.ping()
    told = [f for f in client.frames if f.get("generation") == generation and "seq" in f]
    events = [frame["type"] for frame in told if "command_id" not in frame]
    assert [kind for kind in events if kind in TERMINAL] == events[-1:], events


def _has(client: Client, kind: str) -> bool:
    return any(frame["type"] == kind for frame in client.frames)
