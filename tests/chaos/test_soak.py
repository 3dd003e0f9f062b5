"""Everything at once, at random, for a while (`make soak`)."""

import asyncio
import random
import time
from collections import Counter
from datetime import timedelta

import psutil
import pytest

from tests.chaos.cluster import Cluster
from tests.chaos.crowd import Crowd
from tests.chaos.faults import FAULTS

SOCKETS = 100
PAUSE_S = (1.0, 5.0)
SAMPLE_S = 2.0
# Of a process that lived for at least this long the second half of its life is looked at: in its first minute every
# process grows (11 MiB a minute have been seen), by code and connections that it needs for the first time.
LONG_LIFE_S = 120.0
SLOPE_MAX_KIB_PER_MIN = 6 * 1024


class Memory:
    """The resident memory of every process, over time."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.samples: dict[tuple[str, int], list[tuple[float, float]]] = {}

    async def watch(self) -> None:
        while True:
            for member in self._cluster.members:
                if member.running:
                    kib = psutil.Process(member.pid).memory_info().rss / 1024
                    lives = self.samples.setdefault((member.name, member.pid), [])
                    lives.append((time.monotonic(), kib))
            await asyncio.sleep(SAMPLE_S)

    def slopes(self) -> dict[str, float]:
        """Give KiB a minute over the second half of each long life."""
        lives = {
            name: samples
            for (name, pid), samples in self.samples.items()
            if samples[-1][0] - samples[0][0] >= LONG_LIFE_S
        }
        return {name: _slope(samples[len(samples) // 2 :]) for name, samples in lives.items()}


def _slope(samples: list[tuple[float, float]]) -> float:
    """Fit a line and give how steep it is, per minute."""
    count = len(samples)
    mean_t = sum(t for t, _ in samples) / count
    mean_y = sum(y for _, y in samples) / count
    spread = sum((t - mean_t) ** 2 for t, _ in samples)
    return 60 * sum((t - mean_t) * (y - mean_y) for t, y in samples) / spread if spread else 0.0


@pytest.mark.chaos
@pytest.mark.timeout(0)
async def test_a_soak(cluster: Cluster, pytestconfig: pytest.Config) -> None:
    """A hundred sockets do what they like while parts fail at random."""
    seconds = pytestconfig.getoption("--soak-seconds")
    seed = pytestconfig.getoption("--seed")
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    print(f"soak: {seconds} s, seed {seed}")
    dice = random.Random(seed)
    # Whoever could reap may be the next to die.
    cluster.reaped_within = timedelta(seconds=60)
    crowd, memory = Crowd(cluster, SOCKETS, dice), Memory(cluster)
    faults: Counter[str] = Counter()
    await crowd.start()
    watching = asyncio.create_task(memory.watch())
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        await asyncio.sleep(dice.uniform(*PAUSE_S))
        fault = dice.choice(FAULTS)
        faults[fault.__name__] += 1
        await fault(cluster, dice)
    watching.cancel("the soak is over")
    await crowd.stop()
    _report(crowd, faults, memory)
    assert all(slope < SLOPE_MAX_KIB_PER_MIN for slope in memory.slopes().values())


def _report(crowd: Crowd, faults: Counter[str], memory: Memory) -> None:
    accepted = sum(len(client.accepted) for client in crowd.clients)
    frames = sum(len(client.frames) for client in crowd.clients)
    connects = sum(client.connects for client in crowd.clients)
    codes = Counter(code for client in crowd.clients for code in client.closed_with)
    print(f"accepted {accepted}, frames {frames}, connections {connects}, closed {dict(codes)}")
    print("did:", dict(crowd.did.most_common()))
    print("faults:", dict(faults.most_common()))
    print("memory, KiB a minute:", {n: round(s) for n, s in memory.slopes().items()})
