"""How much later than from the provider itself the first word comes, on an idle server."""

import asyncio
from statistics import median

from benchmarks.line import Line
from benchmarks.meter import now_us, percentile
from benchmarks.systems import Stage, System
from benchmarks.table import Row

ADDED_MS_MAX = 15.0
PROMPT = "[[chunks=3 rate=100]]"
FIRST_WORD = b"w0001 "
PAUSE_S = 0.1
ANSWER_TIMEOUT_S = 20.0


async def measure(stage: Stage, times: int, database: str) -> list[Row]:
    """Ask the provider, evochat and the seed's example in turn, `times` times, one at a time."""
    print(f"first word on an idle server, {times} times")
    direct, ours, seed = stage.direct(), stage.evochat(database, 1), stage.seed()
    took: dict[System, list[float]] = {direct: [], ours: [], seed: []}
    lines = {system: await system.open_one(0) for system in took}
    # What is loaded or connected once is not what is measured.
    for number in range(-2, times):
        for system, line in lines.items():
            first_ms = await _first_word_ms(system, line)
            if number >= 0:
                took[system].append(first_ms)
    for system, all_ms in took.items():
        p50, p95 = median(all_ms), percentile(all_ms, 0.95)
        print(f"  {system.name:20} p50 {p50:.1f} ms  p95 {p95:.1f} ms", flush=True)
    own = median(took[direct])
    added, seed_added = median(took[ours]) - own, median(took[seed]) - own
    return [
        Row(
            f"first word later than the provider's ({database})",
            f"p50 under {ADDED_MS_MAX:g} ms",
            f"{added:.1f} ms (the seed's example: {seed_added:.0f} ms)",
            added < ADDED_MS_MAX,
        )
    ]


async def _first_word_ms(system: System, line: Line) -> float:
    await asyncio.sleep(PAUSE_S)
    clicked_us = now_us()
    async with asyncio.timeout(ANSWER_TIMEOUT_S):
        await line.ask(system.request(PROMPT), system.end)
    read_us = line.read_at(FIRST_WORD)
    if read_us is None:
        raise RuntimeError(f"{system.name} sent no word: {line.received[-500:]!r}")
    return (read_us - clicked_us) / 1000
