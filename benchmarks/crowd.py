"""Many streams in one process: all whole, and none slowed down."""

from statistics import median

from benchmarks.load import Load, Size, run
from benchmarks.systems import Stage
from benchmarks.table import Row

SLOWER_MAX = 1.25


async def measure(stage: Stage, size: Size, rounds: int, database: str) -> list[Row]:
    """Time `size` from the first click to the last byte, and the provider's own with as many clients."""
    print(f"{size.streams} streams x {size.rate:g} chunks/s, {size.ideal_s:g} s, from the click on")
    ours, provider = stage.evochat(database, size.streams), stage.direct()
    our_loads: list[Load] = []
    direct_loads: list[Load] = []
    for _ in range(rounds):
        for system, loads in ((provider, direct_loads), (ours, our_loads)):
            loads.append(await run(system, stage.evolution, size, is_held=False))
            print(loads[-1], flush=True)
    wall_s = median(load.wall_s for load in our_loads)
    own_s = median(load.wall_s for load in direct_loads)
    complete = min(load.complete for load in our_loads)
    return [
        Row(
            f"{size.streams} streams x {size.rate:g}/s, one process ({database})",
            f"all complete, within {SLOWER_MAX - 1:.0%} of the provider's own time",
            f"{complete} complete, {wall_s:.2f} s of {own_s:.2f} s: {wall_s / own_s - 1:+.0%}",
            complete == size.streams and wall_s <= SLOWER_MAX * own_s,
        )
    ]
