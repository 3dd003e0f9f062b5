"""The scripted provider as a process of its own, and its controls."""

import asyncio
import json
import sys
import urllib.request
from collections.abc import Callable
from typing import Any

import psutil

from tests.support.processes import Processes
from tests.support.waiting import eventually

MODEL = "scripted/echo-1"


class Evolution:
    """Remembers what it was asked; holds and releases answers (docs/scripted-evolution.md)."""

    def __init__(self, processes: Processes) -> None:
        started = processes.start(sys.executable, "-m", "scripted_evolution", name="evolution")
        found = started.wait_for_line(r"scripted evolution on http://127.0.0.1:(\d+)/v1")
        self.port = int(found.group(1))
        self.process = psutil.Process(started.pid)
        self.base_url = f"http://127.0.0.1:{self.port}/v1"

    async def reset(self) -> None:
        """Forget all requests."""
        await self._call("reset", b"")

    async def release(self) -> None:
        """Let every held answer go on."""
        await self._call("release", b"")

    async def until(
        self, holds: Callable[[list[dict[str, Any]]], bool], timeout_s: float
    ) -> list[dict[str, Any]]:
        """Return the records of chat requests as soon as `holds` is true of them."""

        async def found() -> Any:
            records = await self._chats()
            return records if holds(records) else None

        what = "the provider's records are as they should be"
        return await eventually(found, what, timeout_s) or []

    async def until_held(self, count: int, timeout_s: float) -> None:
        """Wait until `count` answers are held."""
        await self.until(lambda chats: sum(chat["held"] for chat in chats) >= count, timeout_s)

    async def _chats(self) -> list[dict[str, Any]]:
        records = await self._call("requests")
        return [record for record in records if record["path"].endswith("/chat/completions")]

    async def _call(self, control: str, body: bytes | None = None) -> Any:
        url = f"http://127.0.0.1:{self.port}/control/{control}"

        def call() -> Any:
            with urllib.request.urlopen(urllib.request.Request(url, body), timeout=10) as answer:
                return json.load(answer)

        return await asyncio.to_thread(call)
