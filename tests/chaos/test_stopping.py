"""Processes that are told to stop while something else is wrong."""

import asyncio
import signal

import pytest

from tests.chaos.cluster import Cluster
from tests.chaos.prompts import endless


@pytest.mark.parametrize("kind", [pytest.param("runners", marks=pytest.mark.chaos), "webs"])
async def test_a_stop_while_the_database_is_frozen(cluster: Cluster, kind: str) -> None:
    """A process is told to stop while the database answers nothing at all."""
    assert cluster.postgres is not None
    alice = cluster.client(cluster.sign_up("alice"))
    async with alice:
        accepted = await alice.prompt(endless())
        await alice.until_text(accepted["generation"], 60)
        stopped = await cluster.runner_of(accepted["generation"])
        stopped = stopped if kind == "runners" else cluster.webs[0]
        cluster.postgres.freeze()
        stopped.send(signal.SIGTERM)
        assert await asyncio.to_thread(stopped.wait) == 0
        cluster.postgres.thaw()
        if kind == "runners":
            assert await alice.until_end(accepted["generation"]) == "interrupted"
        else:
            await alice.cancel(accepted["generation"])
