"""CPU of the provider alone, for each chunk, read once per window.

    python -m benchmarks.provider_cpu --streams 100 --chunks 200 --rate 50 --window 0.05

The scripted server runs in a process of its own; every answer is compared with what was sent.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import psutil

from chat.evolution import ChatRequest, Delta, Provider, ProviderConfig

MODEL = "scripted/echo-1"


async def main(options: argparse.Namespace) -> None:
    """Run the streams and print the numbers."""
    async with scripted_server() as (url, server):
        provider = Provider(ProviderConfig(url))
        await answer(provider, 2, 0, 0)
        before_s, server_before_s = time.process_time(), cpu_s(server)
        started = time.monotonic()
        streams = (
            answer(provider, options.chunks, options.rate, options.window)
            for _ in range(options.streams)
        )
        chunks = sum(await asyncio.gather(*streams))
        wall_s = time.monotonic() - started
        own_us = (time.process_time() - before_s) / chunks * 1e6
        server_us = (cpu_s(server) - server_before_s) / chunks * 1e6
        await provider.aclose()
    print(f"{options.streams} streams, {chunks} chunks in {wall_s:.2f} s")
    print(f"provider {own_us:.1f} us a chunk, scripted server {server_us:.1f} us a chunk")


async def answer(provider: Provider, chunks: int, rate: float, window_s: float) -> int:
    """Read one answer and return its number of chunks."""
    request = ChatRequest(MODEL, [{"role": "user", "content": f"[[chunks={chunks} rate={rate}]]"}])
    stream = provider.stream(request, ready=windows(window_s))
    deltas = [item async for item in stream if isinstance(item, Delta)]
    expected = "".join(f"w{number:04} " for number in range(1, chunks + 1))
    if "".join(delta.text for delta in deltas) != expected:
        raise SystemExit("an answer is not what was sent")
    return sum(delta.chunks for delta in deltas)


def windows(window_s: float) -> Callable[[], Awaitable[None]]:
    """Return what lets the provider read once in `window_s` seconds."""
    next_at = time.monotonic()

    async def ready() -> None:
        nonlocal next_at
        next_at = max(next_at + window_s, time.monotonic())
        await asyncio.sleep(next_at - time.monotonic())

    return ready


@asynccontextmanager
async def scripted_server() -> AsyncIterator[tuple[str, psutil.Process]]:
    """Give the URL of a scripted server and its process."""
    command = (sys.executable, "-m", "scripted_evolution", "--exit-with-parent")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    if process.stdout is None or process.stdin is None:
        raise RuntimeError("pipes were asked for")
    line = (await process.stdout.readline()).decode()
    try:
        yield line.split()[-1], psutil.Process(process.pid)
    finally:
        process.stdin.close()
        await process.wait()


def cpu_s(process: psutil.Process) -> float:
    """Return the CPU seconds of `process`."""
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--chunks", type=int, default=200)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--window", type=float, default=0.05, help="seconds; 0 reads at once")
    asyncio.run(main(parser.parse_args()))
