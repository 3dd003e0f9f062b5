"""Cost and latency of a delta, beside the seed's example and a consumer with a `group_send` each."""

from statistics import median

from benchmarks.load import Load, Size, run
from benchmarks.systems import Stage, System
from benchmarks.table import Row

OF_SEED_MAX = 0.35
OF_GROUP_SEND_MAX = 0.15
P50_MS_MAX = 60.0
P99_MS_MAX = 250.0


async def measure(stage: Stage, size: Size, rounds: int, database: str, layer: str) -> list[Row]:
    """Play `size` through the three, in turn, `rounds` times; the medians count."""
    print(f"{size.streams} streams x {size.rate:g} chunks/s, {size.ideal_s:g} s, {rounds} rounds")
    ours = stage.evochat(database, size.streams)
    seed, group = stage.seed(), stage.group_send(layer)
    loads: dict[System, list[Load]] = {ours: [], seed: [], group: []}
    for _ in range(rounds):
        for system, done in loads.items():
            done.append(await run(system, stage.evolution, size, is_held=True))
            print(done[-1], flush=True)
    return [
        _ratio(ours, loads[ours], seed, loads[seed], OF_SEED_MAX),
        _ratio(ours, loads[ours], group, loads[group], OF_GROUP_SEND_MAX),
        _latency(loads[ours]),
    ]


def _ratio(
    ours: System, our_loads: list[Load], other: System, other_loads: list[Load], most: float
) -> Row:
    """Compare whole runs, starts included; without them is told beside it."""
    cost = median(load.us_with_start for load in our_loads)
    other_cost = median(load.us_with_start for load in other_loads)
    running = median(load.us_per_delta for load in our_loads)
    other_running = median(load.us_per_delta for load in other_loads)
    measured = (
        f"{cost / other_cost:.2f} ({cost:.0f} of {other_cost:.0f} us);"
        f" starts left out {running / other_running:.2f} ({running:.0f} of {other_running:.0f} us)"
    )
    is_reached = cost <= most * other_cost and all(load.is_complete for load in our_loads)
    what = f"CPU per delta, {ours.name} / {other.name}"
    return Row(what, f"at most {most}", measured, is_reached)


def _latency(loads: list[Load]) -> Row:
    p50 = median(load.latency_ms(0.5) for load in loads)
    p99 = median(load.latency_ms(0.99) for load in loads)
    return Row(
        f"latency provider to client, {loads[0].size.streams} streams",
        f"p50 under {P50_MS_MAX:g} ms, p99 under {P99_MS_MAX:g} ms",
        f"p50 {p50:.0f} ms, p99 {p99:.0f} ms",
        p50 < P50_MS_MAX and p99 < P99_MS_MAX,
    )
