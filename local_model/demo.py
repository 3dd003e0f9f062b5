"""The model of the demo: a real one if it is installed, scripted answers otherwise."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import Literal, cast

from local_model import MODEL, READY_LINE

logger = logging.getLogger(__name__)

READY_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 5.0
SCRIPTED_READY_LINE = "scripted evolution on "
_ROOT = Path(__file__).resolve().parent.parent

Kind = Literal["local", "scripted"]


class NotReadyError(Exception):
    """The child process ended, or said nothing in time."""


class DemoModel:
    """A model server in a child process, which ends with this process however that ends.

    `base_url` ends in `/v1`, `model` is the id to ask for, `title` is for people.
    """

    def __init__(
        self, process: asyncio.subprocess.Process, base_url: str, model: str, title: str, kind: Kind
    ) -> None:
        self.base_url = base_url
        self.model = model
        self.title = title
        self.kind: Kind = kind
        self._process = process

    @classmethod
    async def start(cls, *, local_timeout_s: float = READY_TIMEOUT_S) -> DemoModel:
        """Start the local model, or the scripted server when that is not to be had.

        Returns when it answers; a real model has `local_timeout_s` seconds. Raises `NotReadyError` when not even the
        scripted server starts. A cancel ends the child.
        """
        try:
            return await cls._start_local(local_timeout_s)
        except NotReadyError as error:
            logger.warning("No local model (%s): the demo gives scripted answers.", error)
            return await cls._start_scripted()

    @classmethod
    async def _start_local(cls, timeout_s: float) -> DemoModel:
        process, url = await _start_child(timeout_s, READY_LINE, "local_model", "--port", "0")
        return cls(process, url, MODEL, "SmolLM2 135M (local demo model)", "local")

    @classmethod
    async def _start_scripted(cls) -> DemoModel:
        arguments = ("scripted_evolution", "--port", "0", "--exit-with-parent")
        process, url = await _start_child(READY_TIMEOUT_S, SCRIPTED_READY_LINE, *arguments)
        return cls(process, url, "scripted/echo-1", "Scripted answers (demo)", "scripted")

    async def ended(self) -> None:
        """Wait until the child has ended, of itself or by `stop`."""
        await self._process.wait()

    async def stop(self) -> None:
        """End the child and wait for it; a second call does nothing."""
        await _end(self._process)


async def _start_child(
    timeout_s: float, ready_line: str, *module: str
) -> tuple[asyncio.subprocess.Process, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *module,
        cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # Ctrl-C in a terminal is for us; the child ends by its standard input.
        start_new_session=True,
    )
    try:
        # Both pipes exist, being asked for above; the types do not know.
        output = cast("asyncio.StreamReader", process.stdout)
        return process, await _announced_url(output, ready_line, timeout_s)
    except BaseException:
        await _end(process)
        raise


async def _announced_url(output: asyncio.StreamReader, ready_line: str, timeout_s: float) -> str:
    try:
        async with asyncio.timeout(timeout_s):
            line = (await output.readline()).decode()
    except TimeoutError:
        raise NotReadyError(f"not ready in {timeout_s:.0f} s") from None
    if not line.startswith(ready_line):
        raise NotReadyError("it did not start")
    return line.removeprefix(ready_line).strip()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Close the child's standard input, which ends it; kill it if that takes too long."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
