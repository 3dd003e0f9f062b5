"""Many streams in one process: all whole, and none slowed down."""

from statistics import median

from benchmarks.load import Load, Size, run
from benchmarks.meter import percentile
from benchmarks.systems import Stage, System
from benchmarks.table import Row

SLOWER_MAX = 1.25


async def measure(stage: Stage, size: Size, rounds: int, database: str) -> list[Row]:
    """Time `size` beside the provider's own time with as many clients.

    Once from the moment all streams flow, which is what the target is about; once from as many
    clicks in the same millisecond, which is told beside it.
    """
    ours, provider = stage.evochat(database, size.streams), stage.direct()
    flowing = await _both(stage, size, provider, ours, rounds, is_held=True)
    rushed = await _both(stage, size, provider, ours, 1, is_held=False)
    own_s, wall_s = (median(load.wall_s for load in loads) for loads in flowing)
    complete = min(load.complete for load in flowing[1])
    own_rush_s, rush_s = (loads[0].wall_s for loads in rushed)
    first_s = percentile(rushed[1][0].first_words_ms, 1) / 1000
    return [
        Row(
            f"{size.streams} streams x {size.rate:g}/s, one process ({database})",
            f"all complete, within {SLOWER_MAX - 1:.0%} of the provider's own time",
            f"{complete} complete, {wall_s:.2f} s of {own_s:.2f} s: {wall_s / own_s - 1:+.0%}",
            complete == size.streams and wall_s <= SLOWER_MAX * own_s,
        ),
        Row(
            f"the same from {size.streams} clicks in one millisecond",
            "",
            f"{rush_s:.2f} s of {own_rush_s:.2f} s, last first word after {first_s:.1f} s",
        ),
    ]


async def _both(
    stage: Stage, size: Size, provider: System, ours: System, rounds: int, *, is_held: bool
) -> tuple[list[Load], list[Load]]:
    begin = "released together" if is_held else "clicked in one millisecond"
    print(f"{size.streams} streams x {size.rate:g} chunks/s, {size.ideal_s:g} s, {begin}")
    loads: tuple[list[Load], list[Load]] = ([], [])
    for _ in range(rounds):
        for system, done in zip((provider, ours), loads, strict=True):
            done.append(await run(system, stage.evolution, size, is_held=is_held))
            print(done[-1], flush=True)
    return loads
