"""Many answers at once through one system: what they cost, and how late and how whole they come."""

import asyncio
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.evolution import Evolution
from benchmarks.line import Line
from benchmarks.meter import cpu_s, now_us, percentile
from benchmarks.systems import System

START_TIMEOUT_S = 60.0
# A system that keeps up ends with the provider; one that does not is cut off.
LATE_S = 15.0
SETTLE_S = 0.5


@dataclass(frozen=True)
class Size:
    """`streams` answers of `chunks` chunks each, `rate` a second."""

    streams: int
    chunks: int
    rate: float

    def prompt(self, number: int, *, is_held: bool) -> str:
        """Return the prompt of stream `number`.

        The rates differ by up to 1 %, so that streams released together drift apart in time.
        """
        rate = self.rate * (1.005 - 0.01 * number / self.streams)
        hold = " hold=0" if is_held else ""
        return f"[[chunks={self.chunks} rate={rate:.4f} text=time{hold}]]"

    @property
    def ideal_s(self) -> float:
        """How long the provider takes if nothing holds it up."""
        return self.chunks / self.rate


@dataclass(frozen=True)
class Load:
    """What one run came to. `start_cpu_s`: until every stream was held at its first chunk."""

    system: str
    size: Size
    complete: int
    words: int
    start_cpu_s: float
    stream_cpu_s: float
    wall_s: float
    latencies_ms: list[float]
    first_words_ms: list[float]

    @property
    def us_per_delta(self) -> float:
        """CPU of the server for each chunk, from the first to the end, starts left out."""
        return self.stream_cpu_s / max(1, self.words) * 1e6

    @property
    def us_with_start(self) -> float:
        """The same with what starting the streams has cost."""
        return (self.start_cpu_s + self.stream_cpu_s) / max(1, self.words) * 1e6

    @property
    def is_complete(self) -> bool:
        return self.complete == self.size.streams

    def latency_ms(self, share: float) -> float:
        return percentile(self.latencies_ms, share)

    def __str__(self) -> str:
        return (
            f"  {self.system:20} {self.complete:4} of {self.size.streams} complete"
            f"  {self.us_per_delta:6.0f} us a delta ({self.us_with_start:.0f} with starts)"
            f"  p50 {self.latency_ms(0.5):5.0f} ms  p99 {self.latency_ms(0.99):5.0f} ms"
            f"  {self.wall_s:5.2f} s"
            f"  first word {percentile(self.first_words_ms, 0.5):.0f} ms"
        )


async def run(system: System, evolution: Evolution, size: Size, *, is_held: bool) -> Load:
    """Play `size` through `system`.

    With `is_held` all streams are started, then released together: the cost of starting is told
    from that of streaming. Without it each starts as soon as it can, and `wall_s` is from the first
    click to the last byte.
    """
    await evolution.reset()
    lines = await system.open(size.streams)
    try:
        return await _played(system, evolution, size, lines, is_held=is_held)
    finally:
        for line in lines:
            line.close()


async def _played(
    system: System, evolution: Evolution, size: Size, lines: list[Line], *, is_held: bool
) -> Load:
    before_s, began_us = cpu_s(system.process), now_us()
    ends = [
        line.ask(system.request(size.prompt(number, is_held=is_held)), system.end)
        for number, line in enumerate(lines)
    ]
    if is_held:
        await evolution.until_held(size.streams, START_TIMEOUT_S)
        await asyncio.sleep(SETTLE_S)
        began_us = now_us()
    started_s = cpu_s(system.process) if is_held else before_s
    if is_held:
        await evolution.release()
    await asyncio.wait(ends, timeout=size.ideal_s + LATE_S)
    ended_s, ended_us = cpu_s(system.process), now_us()
    words = [line.words() for line in lines]
    return Load(
        system=system.name,
        size=size,
        complete=sum(_is_whole(answer, size) for answer in words),
        words=sum(map(len, words)),
        start_cpu_s=started_s - before_s,
        stream_cpu_s=ended_s - started_s,
        wall_s=(ended_us - began_us) / 1e6,
        latencies_ms=[(read - sent) / 1000 for answer in words for sent, read in answer],
        first_words_ms=[(answer[0][1] - began_us) / 1000 for answer in words if answer],
    )


def _is_whole(answer: list[tuple[int, int]], size: Size) -> bool:
    """Tell whether nothing of an answer is lost, repeated or out of order."""
    sent = [at for at, _ in answer]
    return len(sent) == size.chunks and all(a < b for a, b in pairwise(sent))
