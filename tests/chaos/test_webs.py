"""Web processes that are killed while somebody sends, and while an answer is shown."""

import asyncio

import pytest

from tests.chaos.cluster import Cluster
from tests.chaos.prompts import numbered
from tests.support.waiting import eventually


@pytest.mark.parametrize("point", ["submit.inside", "submit.committed"])
@pytest.mark.parametrize(
    "is_new", [False, pytest.param(True, marks=pytest.mark.chaos)], ids=["known", "new"]
)
async def test_a_web_process_is_killed_in_a_send(
    cluster: Cluster, point: str, is_new: bool
) -> None:
    """A web process is killed in a submit, or before it acknowledges: sent again, asked once."""
    web = cluster.webs[0]
    alice = cluster.client(cluster.sign_up("alice"), 0, 1)
    async with alice:
        conversation = None
        if not is_new:
            opened = await alice.prompt(numbered(5))
            conversation = opened["conversation"]
            await alice.until_end(opened["generation"])
        web.arm(point)
        prompt = numbered(50)
        accepted = await alice.prompt(prompt, conversation)
        assert web.was_hit(point)
        assert not web.running
        assert accepted["duplicate"] == (point == "submit.committed")
        assert await alice.until_end(accepted["generation"]) == "completed"
        assert len(await cluster.evolution.calls(prompt)) == 1


@pytest.mark.chaos
async def test_a_web_process_is_killed_in_an_answer(cluster: Cluster) -> None:
    """A web process is killed in mid-answer: its clients go on at the other one."""
    alice = cluster.client(cluster.sign_up("alice"), 0, 1)
    async with alice:
        accepted = await alice.prompt(numbered(150))
        await alice.until_text(accepted["generation"], 60)
        await asyncio.to_thread(cluster.webs[0].kill)
        assert await alice.until_end(accepted["generation"]) == "completed"
        assert alice.connects >= 2


@pytest.mark.chaos
async def test_the_web_process_that_writes_is_killed(embedded: Cluster) -> None:
    """A web process that writes the answers is killed: the other tells the end, and it can go on."""
    person = embedded.sign_up("alice")
    alice, other = embedded.client(person, 0, 1), embedded.client(person, 1)
    async with alice, other:
        accepted = await alice.prompt(numbered(2000))
        await other.watch(accepted["conversation"])
        for client in (alice, other):
            await client.until_text(accepted["generation"], 60)
        await asyncio.to_thread(embedded.webs[0].kill)
        await eventually(lambda: not embedded.webs[0].running, "the web process dead")
        # Who writes must be back: nobody else reaps.
        await asyncio.to_thread(embedded.heal)
        for client in (alice, other):
            assert await client.until_end(accepted["generation"]) == "interrupted"
        more = await alice.go_on(accepted["generation"])
        await alice.until_text(more["generation"], 30)
        await alice.cancel(more["generation"])
