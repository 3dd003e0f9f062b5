"""Runners that are told to stop, killed and frozen, at every stage of an answer's way."""

import asyncio
import signal

import pytest

from chat.models import Runner
from tests.chaos.client import Client
from tests.chaos.cluster import Cluster
from tests.chaos.member import Member
from tests.chaos.prompts import endless, numbered
from tests.support.waiting import eventually

STAGES = (
    "claim.committed",
    "flush.before",
    "flush.inside",
    "flush.committed",
    "flush.published",
    "end.before",
    "end.inside",
    "end.committed",
)
# So that some of the text has been shown.
PASSES = {stage: 5 for stage in STAGES if stage.startswith("flush")}
# One of each kind runs always, the others with the long scenarios.
ALWAYS = ("flush.committed",)
PARAMS = [
    pytest.param(stage, marks=() if stage in ALWAYS else pytest.mark.chaos) for stage in STAGES
]


async def test_a_runner_is_told_to_stop(cluster: Cluster) -> None:
    """A runner is told to stop: what ends within its grace ends, the rest is interrupted, all is stored."""
    alice = cluster.client(cluster.sign_up("alice"), 0)
    async with alice:
        victim = cluster.runners[0]
        with cluster.only(victim):
            held = numbered(30, hold=20)
            long, short = await alice.prompt(endless()), await alice.prompt(held)
            for each in (long, short):
                await alice.until_text(each["generation"], 60)
            await cluster.evolution.until(held, lambda call: call["held"], "held")
        said = len(victim.output())
        victim.send(signal.SIGTERM)
        await cluster.evolution.release()
        after = await alice.prompt(numbered(20))
        await alice.until_text(after["generation"], 1)
        assert await cluster.runner_of(after["generation"]) is cluster.runners[1]
        ends = [await alice.until_end(each["generation"]) for each in (short, after, long)]
        assert ends == ["completed", "completed", "interrupted"]
        assert await asyncio.to_thread(victim.wait) == 0
        assert "Traceback" not in victim.output()[said:]
        await _goes_on(cluster, alice, long)


@pytest.mark.chaos
async def test_a_runner_is_told_to_stop_twice(cluster: Cluster) -> None:
    """A runner is told to stop again within its grace: it ends at once, in order."""
    alice = cluster.client(cluster.sign_up("alice"), 0)
    async with alice:
        victim = cluster.runners[0]
        with cluster.only(victim):
            accepted = await alice.prompt(endless())
            await alice.until_text(accepted["generation"], 60)
        victim.send(signal.SIGTERM)
        # It claims no more, so the grace has begun.
        after = await alice.prompt(numbered(5))
        assert await alice.until_end(after["generation"]) == "completed"
        victim.send(signal.SIGTERM)
        assert await asyncio.to_thread(victim.wait) == 0
        assert await alice.until_end(accepted["generation"]) == "interrupted"
        assert _row(cluster, accepted).ended_at is not None


@pytest.mark.parametrize("stage", PARAMS)
async def test_a_runner_is_killed(cluster: Cluster, stage: str) -> None:
    """A runner is killed at a stage of an answer's way: nothing shown is lost, and it can go on."""
    alice = cluster.client(cluster.sign_up("alice"))
    prompt = numbered(100)
    async with alice:
        for runner in cluster.runners:
            runner.arm(stage, "kill", PASSES.get(stage, 1))
        accepted = await alice.prompt(prompt)
        victim = await cluster.hit(stage)
        await eventually(lambda: not victim.running, "the runner dead")
        end = await alice.until_end(accepted["generation"])
        assert end == ("completed" if stage == "end.committed" else "interrupted")
        if stage == "claim.committed":
            assert await cluster.evolution.calls(prompt) == []
        if end == "interrupted":
            await _goes_on(cluster, alice, accepted)


@pytest.mark.chaos
@pytest.mark.parametrize("stage", [None, *STAGES])
async def test_a_runner_is_frozen_past_its_lease(cluster: Cluster, stage: str | None) -> None:
    """A runner is frozen past its lease and wakes: it changes nothing, and starts anew."""
    alice = cluster.client(cluster.sign_up("alice"))
    async with alice:
        is_end = stage is not None and stage.startswith("end")
        prompt = numbered(60) if is_end else endless()
        victim, accepted = await _frozen(cluster, alice, prompt, stage)
        end = await alice.until_end(accepted["generation"])
        assert end == ("completed" if stage == "end.committed" else "interrupted")
        await eventually(lambda: _row(cluster, accepted).ended_at, "taken for dead", 40)
        before = cluster.database.message(accepted["answer"]).content
        victim.send(signal.SIGCONT)
        await _starts_anew(cluster, victim, accepted)
        if stage == "claim.committed":
            assert await cluster.evolution.calls(prompt) == []
        elif not is_end:
            await cluster.evolution.until_closed(prompt)
        with cluster.only(victim):
            again = await alice.prompt(numbered(20))
            assert await alice.until_end(again["generation"]) == "completed"
        assert _row(cluster, again).name.endswith(f":{victim.pid}")
        assert cluster.database.message(accepted["answer"]).content == before


@pytest.mark.chaos
async def test_all_runners_are_killed(cluster: Cluster) -> None:
    """All runners are killed and prompts queue: each is answered once they are back, in order."""
    alice = cluster.client(cluster.sign_up("alice"))
    async with alice:
        opened = await alice.prompt(numbered(5))
        await alice.until_end(opened["generation"])
        for runner in cluster.runners:
            runner.kill()
        chain = [await alice.prompt(numbered(10), opened["conversation"]) for _ in range(2)]
        single = [await alice.prompt(numbered(100)) for _ in range(5)]
        await asyncio.to_thread(cluster.heal)
        for each in (*chain, *single):
            assert await alice.until_end(each["generation"]) == "completed"
        rows = [cluster.database.generation(each["generation"]) for each in single]
        started = [row.started_at for row in rows if row.started_at]
        assert started == sorted(started)
        first, second = (cluster.database.generation(each["generation"]) for each in chain)
        assert first.ended_at
        assert second.started_at
        assert first.ended_at <= second.started_at
        positions = [_positions(alice, each) for each in single]
        assert all(places == sorted(places, reverse=True) for places in positions), positions
        assert positions[-1], positions
        for each in (*chain, *single):
            assert len(await cluster.evolution.calls(alice.sent[each["message"]])) == 1


@pytest.mark.chaos
async def test_all_runners_are_killed_while_they_write(cluster: Cluster) -> None:
    """All runners are killed in mid-answer and come back: all answers are marked and can go on."""
    alice = cluster.client(cluster.sign_up("alice"))
    async with alice:
        told = [await alice.prompt(numbered(2000)) for _ in range(3)]
        for each in told:
            await alice.until_text(each["generation"], 60)
        for runner in cluster.runners:
            runner.kill()
        await asyncio.to_thread(cluster.heal)
        for each in told:
            assert await alice.until_end(each["generation"]) == "interrupted"
        await alice.go_on(told[0]["generation"])
        await alice.cancel(alice.continued[told[0]["generation"]]["generation"])


async def _frozen(
    cluster: Cluster, client: Client, prompt: str, stage: str | None
) -> tuple[Member, dict[str, str]]:
    """Ask, and have the runner that writes frozen at that stage, or anywhere in mid-answer."""
    if stage is not None:
        for runner in cluster.runners:
            runner.arm(stage, "stop", PASSES.get(stage, 1))
        accepted = await client.prompt(prompt)
        return await cluster.hit(stage), accepted
    accepted = await client.prompt(prompt)
    await client.until_text(accepted["generation"], 100)
    victim = await cluster.runner_of(accepted["generation"])
    victim.send(signal.SIGSTOP)
    return victim, accepted


async def _starts_anew(cluster: Cluster, victim: Member, accepted: dict[str, str]) -> None:
    """Wait until a runner has a new row in place of the one that others took for dead."""
    old = cluster.database.generation(accepted["generation"]).runner_id

    def is_anew() -> bool:
        rows = [r for r in cluster.database.runners() if r.name.endswith(f":{victim.pid}")]
        return any(row.pk != old and row.ended_at is None for row in rows)

    await eventually(is_anew, f"{victim.name} with a new row", 30)


async def _goes_on(cluster: Cluster, client: Client, accepted: dict[str, str]) -> None:
    """Continue what was interrupted: what was shown stays, and goes on where it was."""
    generation, shown = accepted["generation"], client.text(accepted["generation"])
    more = await client.go_on(generation)
    await client.until_text(more["generation"], 30)
    await client.cancel(more["generation"])
    await client.until_end(more["generation"])
    stored = cluster.database.message(accepted["answer"]).content
    assert stored == shown + client.text(more["generation"])


def _row(cluster: Cluster, accepted: dict[str, str]) -> Runner:
    runner = cluster.database.generation(accepted["generation"]).runner_id
    return next(row for row in cluster.database.runners() if row.pk == runner)


def _positions(client: Client, accepted: dict[str, str]) -> list[int]:
    told = [frame for frame in client.frames if frame["type"] == "generation.queued"]
    return [f["position"] for f in told if f["generation"] == accepted["generation"]]
