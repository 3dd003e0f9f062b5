"""From the click on Stop until the provider's connection is closed."""

import asyncio
import random
import re
import uuid
from statistics import median

from benchmarks.evolution import Evolution
from benchmarks.line import Line
from benchmarks.meter import now_us, percentile
from benchmarks.systems import Stage, System, frame
from benchmarks.table import Row

CLOSED_MS_MAX = 300.0
SOCKETS = 20
START_TIMEOUT_S = 30.0
GAP_S = 0.1
_ACCEPTED = re.compile(rb'"type":"message.accepted".*?"generation":"([0-9a-f-]{36})"')


async def measure(stage: Stage, times: int) -> list[Row]:
    """Cancel `times` answers in one process, across two, and across two with Redis stopped."""
    print(f"click on Stop to provider connection closed, {times} times each")
    rows = [await _row(stage, stage.evochat("sqlite", SOCKETS), times, "in one process")]
    across = stage.evochat("postgres", SOCKETS, GENERATE_IN="worker", REDIS_URL=stage.redis.url)
    rows.append(await _row(stage, across, times, "across processes"))
    stage.redis.kill()
    try:
        rows.append(await _row(stage, across, times, "across processes, Redis stopped"))
    finally:
        stage.redis.start()
    return rows


async def _row(stage: Stage, system: System, times: int, where: str) -> Row:
    took: list[float] = []
    while len(took) < times:
        took += await _round(stage.evolution, system)
    p50, p95 = median(took), percentile(took, 0.95)
    print(f"  {where:32} p50 {p50:.0f} ms  p95 {p95:.0f} ms  most {max(took):.0f} ms", flush=True)
    return Row(
        f"cancel, {where}",
        f"p95 under {CLOSED_MS_MAX:g} ms",
        f"p95 {p95:.0f} ms (p50 {p50:.0f} ms)",
        p95 < CLOSED_MS_MAX,
    )


async def _round(evolution: Evolution, system: System) -> list[float]:
    """Start an endless answer on each socket, stop them one by one, return the milliseconds."""
    await evolution.reset()
    lines = await system.open(SOCKETS)
    try:
        prompts = [_prompt(number) for number in range(SOCKETS)]
        async with asyncio.timeout(START_TIMEOUT_S):
            for line, prompt in zip(lines, prompts, strict=True):
                await line.ask(system.request(prompt), b'"message.accepted"')
        await evolution.until(lambda chats: sum(map(_is_begun, chats)) == SOCKETS, START_TIMEOUT_S)
        clicked_us = {}
        for line, prompt in zip(lines, prompts, strict=True):
            clicked_us[prompt] = await _cancel(line)
        chats = await evolution.until(
            lambda chats: all(chat["closed_by_client"] for chat in chats), START_TIMEOUT_S
        )
    finally:
        for line in lines:
            line.close()
    return [chat["ended_at"] * 1000 - clicked_us[_asked(chat)] / 1000 for chat in chats]


def _prompt(number: int) -> str:
    """Return a prompt of its own: every second answer is stopped before its first word."""
    waits = "hold=0" if number % 2 else "fault=endless"
    return f"{uuid.uuid4()} [[{waits} rate=50]]"


async def _cancel(line: Line) -> int:
    """Click at a moment that has nothing to do with the server's ticks."""
    accepted = _ACCEPTED.search(line.received)
    if accepted is None:
        raise RuntimeError("no generation was named")
    await asyncio.sleep(random.uniform(0, GAP_S))
    line.send(frame(type="generation.cancel", generation=accepted[1].decode()))
    return now_us()


def _is_begun(chat: dict[str, object]) -> bool:
    return bool(chat["held"] or chat["chunks_sent"])


def _asked(chat: dict[str, dict[str, list[dict[str, str]]]]) -> str:
    return chat["body"]["messages"][-1]["content"]
