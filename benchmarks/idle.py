"""What a socket costs that does nothing."""

import asyncio

from benchmarks.meter import rss_kb
from benchmarks.systems import Stage
from benchmarks.table import Row

SOCKET_KB_MAX = 40.0
PEOPLE = 100
WARM_UP = 50
AT_ONCE = 20
SETTLE_S = 2.0


async def measure(stage: Stage, count: int, database: str) -> list[Row]:
    """Open `count` sockets to one process and weigh it before and after."""
    print(f"{count} idle sockets in one process")
    system = stage.evochat(database, PEOPLE)
    # What the first sockets load, and the pages that allocators keep, belong to none.
    lines = [await system.open_one(number) for number in range(WARM_UP)]
    await asyncio.sleep(SETTLE_S)
    before_kb = rss_kb(system.process)
    for first in range(0, count, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, count))
        lines += await asyncio.gather(*map(system.open_one, numbers))
    await asyncio.sleep(SETTLE_S)
    per_socket_kb = (rss_kb(system.process) - before_kb) / count
    is_open = [line.is_open for line in lines[WARM_UP:]]
    for line in lines:
        line.close()
    print(f"  {before_kb / 1024:.0f} MB before, {per_socket_kb:.1f} KB a socket", flush=True)
    return [
        Row(
            "idle sockets",
            f"{count} in one process, under {SOCKET_KB_MAX:g} KB each",
            f"{sum(is_open)} open, {per_socket_kb:.1f} KB each",
            all(is_open) and per_socket_kb < SOCKET_KB_MAX,
        )
    ]
