"""Bugs of ours, at a socket and in the loops that must go on: who meets them, and who does not."""

import asyncio

import pytest

from tests.chaos.client import Client
from tests.chaos.cluster import Cluster
from tests.chaos.prompts import endless, numbered
from tests.support.waiting import eventually


async def test_a_command_meets_a_bug(cluster: Cluster) -> None:
    """A command meets a bug: it is told so, its socket stays, and nobody else notices."""
    alice, bob = await _two_people(cluster)
    async with alice, bob:
        opened, watched = await alice.prompt(numbered(5)), await bob.prompt(endless())
        await bob.until_text(watched["generation"], 30)
        cluster.webs[0].arm("handler.command", "raise")
        await alice.watch(opened["conversation"])
        assert cluster.webs[0].was_hit("handler.command")
        assert [f["code"] for f in alice.frames if f["type"] == "error"] == ["unavailable"]
        assert alice.connects == 1
        await _is_undisturbed(bob, watched)


@pytest.mark.chaos
async def test_a_frame_meets_a_bug(cluster: Cluster) -> None:
    """A bug takes a socket down: it comes back where it was, and nobody else notices."""
    alice, bob = await _two_people(cluster)
    async with alice, bob:
        told = await alice.prompt(numbered(100))
        watched = await bob.prompt(endless())
        for client, each in ((alice, told), (bob, watched)):
            await client.until_text(each["generation"], 30)
        cluster.webs[0].arm("handler.receive", "raise")
        await alice.ping()
        assert cluster.webs[0].was_hit("handler.receive")
        assert alice.connects == 2
        assert await alice.until_end(told["generation"]) == "completed"
        await _is_undisturbed(bob, watched)


async def test_a_tick_meets_a_bug(cluster: Cluster) -> None:
    """A tick of the journal meets a bug: the next one stores what it has left."""
    alice = cluster.client(cluster.sign_up("alice"))
    async with alice:
        for runner in cluster.runners:
            runner.arm("engine.tick", "raise", passes=10)
        accepted = await alice.prompt(numbered(100))
        await cluster.hit("engine.tick")
        assert await alice.until_end(accepted["generation"]) == "completed"


@pytest.mark.chaos
async def test_a_claim_meets_a_bug(cluster: Cluster) -> None:
    """A claim meets a bug: the next one claims."""
    alice = cluster.client(cluster.sign_up("alice"))
    async with alice:
        for runner in cluster.runners:
            runner.arm("engine.claim", "raise")
        await eventually(
            lambda: all(runner.was_hit("engine.claim") for runner in cluster.runners), "bugs met"
        )
        accepted = await alice.prompt(numbered(20))
        assert await alice.until_end(accepted["generation"]) == "completed"


@pytest.mark.chaos
async def test_a_reap_meets_a_bug(cluster: Cluster) -> None:
    """A reap meets a bug: the next one ends what the dead have left."""
    alice = cluster.client(cluster.sign_up("alice"))
    async with alice:
        accepted = await alice.prompt(endless())
        await alice.until_text(accepted["generation"], 60)
        victim = await cluster.runner_of(accepted["generation"])
        other = cluster.other_than(victim)
        other.arm("engine.reap", "raise", passes=2)
        victim.kill()
        assert await alice.until_end(accepted["generation"]) == "interrupted"
        assert other.was_hit("engine.reap")


@pytest.mark.chaos
async def test_a_runner_that_cannot_start_meets_a_bug(cluster: Cluster) -> None:
    """A runner meets a bug as it starts: it is tried until it works."""
    await _loses_its_lease(cluster, "engine.start")


async def test_a_runner_that_cannot_stop_meets_a_bug(cluster: Cluster) -> None:
    """A runner that has lost its lease meets a bug as it stops: the next one starts all the same."""
    await _loses_its_lease(cluster, "engine.stop")


async def _loses_its_lease(cluster: Cluster, point: str) -> None:
    """Have a runner buried that is alive; its process must write answers again, whatever it meets."""
    alice, prompt = cluster.client(cluster.sign_up("alice")), endless()
    async with alice:
        accepted = await alice.prompt(prompt)
        await alice.until_text(accepted["generation"], 60)
        victim = await cluster.runner_of(accepted["generation"])
        victim.arm(point, "raise")
        old = cluster.database.generation(accepted["generation"]).runner_id
        bury = "UPDATE chat_runner SET ended_at = now() WHERE id = %s"
        await asyncio.to_thread(cluster.database.execute, bury, old)
        await eventually(lambda: victim.was_hit(point), f"{victim.name} at {point}", 20)
        assert await alice.until_end(accepted["generation"]) == "interrupted"
        await cluster.evolution.until_closed(prompt)
        with cluster.only(victim):
            again = await alice.prompt(numbered(20))
            assert await alice.until_end(again["generation"]) == "completed"
    # What a stop that failed has left is left: this process is not measured.
    victim.kill()


async def _two_people(cluster: Cluster) -> tuple[Client, Client]:
    """Give two people on the same web process."""
    return tuple(cluster.client(cluster.sign_up(name), 0) for name in ("alice", "bob"))  # type: ignore[return-value]


async def _is_undisturbed(client: Client, watched: dict[str, str]) -> None:
    """Its answer goes on, on the connection it had, and it was told of no error."""
    await client.until_text(watched["generation"], len(client.text(watched["generation"])) + 30)
    await client.cancel(watched["generation"])
    assert (client.connects, client.closed_with) == (1, [])
    assert not any(frame["type"] == "error" for frame in client.frames)
