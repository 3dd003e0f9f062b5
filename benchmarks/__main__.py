"""Measure what docs/performance.md lists, beside what it is compared with, and print the table.

    python -m benchmarks                                   # everything, a few minutes
    python -m benchmarks throughput --database postgres    # one measurement

Everything runs on 127.0.0.1, in processes that end with this one. Ends with 1 when a target is
missed.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable

from benchmarks import cancel, crowd, first_word, idle, throughput
from benchmarks.load import Size
from benchmarks.systems import Stage, stage
from benchmarks.table import Row, rendered

Measure = Callable[[Stage, argparse.Namespace], Awaitable[list[Row]]]

MEASUREMENTS: dict[str, Measure] = {
    "throughput": lambda stage, o: throughput.measure(
        stage, Size(o.streams, o.chunks, o.rate), o.rounds, o.database, o.layer
    ),
    "crowd": lambda stage, o: crowd.measure(
        stage, Size(o.crowd, o.chunks, o.rate), o.rounds, o.database
    ),
    "first-word": lambda stage, o: first_word.measure(stage, o.times, o.database),
    "cancel": lambda stage, o: cancel.measure(stage, o.times),
    "idle": lambda stage, o: idle.measure(stage, o.sockets, o.database),
}


def options() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    names = ", ".join(MEASUREMENTS)
    parser.add_argument("only", nargs="*", metavar="measurement", help=f"of {names}; default: all")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--layer", choices=["pubsub", "core"], default="pubsub")
    parser.add_argument("--streams", type=int, default=100, help="of throughput (default 100)")
    parser.add_argument("--crowd", type=int, default=300, help="streams of crowd (default 300)")
    parser.add_argument("--chunks", type=int, default=275, help="of each stream (default 275)")
    parser.add_argument("--rate", type=float, default=50, help="chunks a second (default 50)")
    parser.add_argument("--rounds", type=int, default=2, help="of which the median (default 2)")
    parser.add_argument("--times", type=int, default=60, help="of first-word and cancel (60)")
    parser.add_argument("--sockets", type=int, default=2000, help="of idle (default 2000)")
    chosen = parser.parse_args()
    if unknown := set(chosen.only) - set(MEASUREMENTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {names}")
    return chosen


async def main(chosen: argparse.Namespace) -> bool:
    """Run the measurements; return whether every target is reached."""
    rows: list[Row] = []
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before we begin", flush=True)
    for name, measure in MEASUREMENTS.items():
        if not chosen.only or name in chosen.only:
            # Each on a stage of its own: what idles there would be measured too.
            with stage() as clear:
                rows += await measure(clear, chosen)
    print(f"\n{rendered(rows)}")
    return all(row.is_reached is not False for row in rows)


def _run(chosen: argparse.Namespace) -> bool:
    """Run on uvloop where there is one: the clients are to cost next to nothing."""
    try:
        from uvloop import Loop
    except ImportError:
        return asyncio.run(main(chosen))
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(main(chosen))


if __name__ == "__main__":
    sys.exit(0 if _run(options()) else 1)
