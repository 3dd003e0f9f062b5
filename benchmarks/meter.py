"""What processes cost, and what many numbers come to."""

import math
import time
from collections.abc import Sequence

import psutil

BYTES_IN_KB = 1024


def cpu_s(process: psutil.Process) -> float:
    """Return the CPU seconds of `process`, all its threads together."""
    times = process.cpu_times()
    return float(times.user + times.system)


def rss_kb(process: psutil.Process) -> float:
    """Return the memory of `process` that is resident, in KiB."""
    return float(process.memory_info().rss) / BYTES_IN_KB


def now_us() -> int:
    """Return the time in microseconds since the epoch: one clock for all processes here."""
    return time.time_ns() // 1000


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` (0 to 1) of them do not exceed; nan of none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
