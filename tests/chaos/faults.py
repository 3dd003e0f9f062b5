"""Faults a soak draws from: each harms one part for a while and then makes it good again."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable

from tests.chaos.cluster import Cluster
from tests.chaos.member import Member

Fault = Callable[[Cluster, random.Random], Awaitable[None]]

STOP_WITHIN_S = 20.0


async def redis_is_restarted(cluster: Cluster, dice: random.Random) -> None:
    assert cluster.redis is not None
    await asyncio.to_thread(cluster.redis.kill)
    await asyncio.sleep(dice.uniform(0, 4))
    await asyncio.to_thread(cluster.redis.start)


async def redis_freezes(cluster: Cluster, dice: random.Random) -> None:
    assert cluster.redis is not None
    cluster.redis.pause()
    await asyncio.sleep(dice.uniform(0.5, 6))
    cluster.redis.resume()


async def postgres_crashes(cluster: Cluster, dice: random.Random) -> None:
    assert cluster.postgres is not None
    await asyncio.to_thread(cluster.postgres.kill)
    await asyncio.sleep(dice.uniform(0, 3))
    await asyncio.to_thread(cluster.postgres.start)
    await asyncio.to_thread(cluster.database.reconnect)


async def postgres_freezes(cluster: Cluster, dice: random.Random) -> None:
    assert cluster.postgres is not None
    cluster.postgres.freeze()
    await asyncio.sleep(dice.uniform(0.5, 4))
    cluster.postgres.thaw()


async def a_process_is_killed(cluster: Cluster, dice: random.Random) -> None:
    member = _one_that_runs(cluster.members, dice)
    await asyncio.to_thread(member.kill)
    await asyncio.sleep(dice.uniform(0, 3))
    await _start(cluster, member)


async def a_process_is_told_to_stop(cluster: Cluster, dice: random.Random) -> None:
    member = _one_that_runs(cluster.members, dice)
    member.send(signal.SIGTERM)
    code = await asyncio.to_thread(member.wait, STOP_WITHIN_S)
    assert code == 0, f"{member.name} ended with {code}:\n{member.output()[-2000:]}"
    await _start(cluster, member)


async def a_process_freezes(cluster: Cluster, dice: random.Random) -> None:
    """Also past its lease of 10 s, after which others have ended what was its own."""
    member = _one_that_runs(cluster.members, dice)
    member.send(signal.SIGSTOP)
    await asyncio.sleep(dice.choice([1, 3, 16]))
    member.send(signal.SIGCONT)


async def a_link_breaks(cluster: Cluster, dice: random.Random) -> None:
    link = dice.choice(cluster.links)
    await asyncio.to_thread(link.cut, reset=dice.random() < 0.5)
    await asyncio.sleep(dice.uniform(0, 4))
    await asyncio.to_thread(link.restore)


async def a_link_stands_still(cluster: Cluster, dice: random.Random) -> None:
    link = dice.choice(cluster.links)
    await asyncio.to_thread(link.freeze)
    await asyncio.sleep(dice.uniform(0.5, 6))
    await asyncio.to_thread(link.restore)


async def a_link_is_slow(cluster: Cluster, dice: random.Random) -> None:
    link = dice.choice(cluster.links)
    await asyncio.to_thread(link.delay, dice.uniform(0.02, 0.2))
    await asyncio.sleep(dice.uniform(1, 6))
    await asyncio.to_thread(link.restore)


FAULTS: tuple[Fault, ...] = (
    redis_is_restarted,
    redis_freezes,
    postgres_crashes,
    postgres_freezes,
    a_process_is_killed,
    a_process_is_told_to_stop,
    a_process_freezes,
    a_link_breaks,
    a_link_stands_still,
    a_link_is_slow,
)


def _one_that_runs(members: list[Member], dice: random.Random) -> Member:
    return dice.choice([member for member in members if member.running])


async def _start(cluster: Cluster, member: Member) -> None:
    await asyncio.to_thread(member.start, cluster.deployment.processes)
    await asyncio.to_thread(member.wait_until_ready)
