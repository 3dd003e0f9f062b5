"""Wait for a state, never for a time: poll a condition until it holds or a deadline passes."""

import asyncio
import inspect
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import TypeVar, overload

T = TypeVar("T")

POLL_SECONDS = 0.02
# Says that something will not come, not how fast it should: beside other runs all takes several times as long.
DEADLINE_SECONDS = 30.0


def wait_until(condition: Callable[[], T], what: str, seconds: float = DEADLINE_SECONDS) -> T:
    """Give the first true value of `condition`; raises TimeoutError naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(POLL_SECONDS)
    return value


@overload
async def eventually(
    condition: Callable[[], Awaitable[T | None]], what: str, seconds: float = ...
) -> T: ...


@overload
async def eventually(condition: Callable[[], T | None], what: str, seconds: float = ...) -> T: ...


async def eventually(
    condition: Callable[[], object], what: str, seconds: float = DEADLINE_SECONDS
) -> object:
    """Do as `wait_until` does without blocking the event loop; `condition` may be a coroutine function."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        await asyncio.sleep(POLL_SECONDS)


def free_port() -> int:
    """Give a TCP port of 127.0.0.1 that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Tell whether something accepts connections at the port of 127.0.0.1."""
    with closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
