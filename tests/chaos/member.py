"""One process of a cluster: its own links to what it needs, its faults, its census."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tests.support.processes import Process, Processes
from tests.support.proxy import Proxy
from tests.support.waiting import eventually, free_port, wait_until

LINKED = {"database": "DATABASE_URL", "redis": "REDIS_URL", "provider": "EVOLUTION_BASE_URL"}


@dataclass(eq=False)
class Member:
    """A web process or a runner. It can be killed and started again: its port, links and faults stay."""

    name: str
    command: tuple[str, ...]
    env: dict[str, str]
    faults: Path
    links: dict[str, Proxy]
    port: int
    process: Process | None = None
    before: dict[str, Any] = field(default_factory=dict)
    last_census: dict[str, Any] = field(default_factory=dict)

    @property
    def is_web(self) -> bool:
        return self.command[0] == "serve"

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.running

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/chat/"

    def start(self, processes: Processes) -> None:
        """Start it without waiting."""
        shutil.rmtree(self.faults, ignore_errors=True)
        self.faults.mkdir(parents=True)
        self.before = {}
        program = (sys.executable, "-m", "tests.chaos.launch", *self.command)
        env = {**self.env, "FAULTS": str(self.faults)}
        self.process = processes.start(*program, name=self.name, env=env)

    def wait_until_ready(self) -> None:
        if self.is_web:
            self._running.wait_for_port(self.port)
        else:
            self._running.wait_for_line(r"^evochat writes answers$")

    def kill(self) -> None:
        self._running.kill()

    def send(self, number: signal.Signals) -> None:
        self._running.send(number)

    def wait(self, seconds: float = 20.0) -> int:
        """Wait until it ends and give its exit code; raises TimeoutError with what it is busy with."""
        try:
            return self._running.wait(seconds)
        except subprocess.TimeoutExpired:
            self._ask_for_census()
            told = wait_until(self._census_told, f"a census of {self.name}")
            raise TimeoutError(
                f"{self.name} does not end: {told}\n{self.output()[-2000:]}"
            ) from None

    def output(self) -> str:
        return self._running.output()

    def arm(self, point: str, action: str = "kill", passes: int = 1) -> None:
        """Have `action` happen at a fail point, at that pass from now on."""
        partial = self.faults / "armed"
        partial.write_text(f"{action} {passes}")
        partial.rename(self.faults / point)

    def was_hit(self, point: str) -> bool:
        return (self.faults / f"{point}.hit").exists()

    def disarm(self) -> None:
        for file in self.faults.iterdir():
            file.unlink()

    def move_clock(self, seconds: float) -> None:
        (self.faults / "clock").write_text(str(seconds))

    async def census(self) -> dict[str, Any]:
        """Count what it holds now: tasks, files, threads, connections, memory."""
        self._ask_for_census()
        return await eventually(self._census_told, f"a census of {self.name}")

    def _ask_for_census(self) -> None:
        (self.faults / "census.json").unlink(missing_ok=True)
        os.kill(self.pid, signal.SIGUSR1)

    def _census_told(self) -> dict[str, Any]:
        file = self.faults / "census.json"
        return json.loads(file.read_text()) if file.exists() else {}

    @property
    def _running(self) -> Process:
        assert self.process is not None, f"{self.name} was never started"
        return self.process


def make_member(
    name: str, command: tuple[str, ...], common: Mapping[str, str], directory: Path
) -> Member:
    """Give a member that reaches its database, Redis and provider by links of its own."""
    env = dict(common)
    links: dict[str, Proxy] = {}
    for link, variable in LINKED.items():
        if variable in env and "://" in env[variable] and urlsplit(env[variable]).port:
            links[link], env[variable] = _linked(f"{name}-{link}", env[variable])
    port = free_port()
    if command[0] == "serve":
        command = (*command, "--port", str(port))
    return Member(name, command, env, directory / name, links, port)


def _linked(name: str, url: str) -> tuple[Proxy, str]:
    parts = urlsplit(url)
    assert parts.port is not None
    link = Proxy(parts.port, name).start()
    own = parts.netloc.replace(f":{parts.port}", f":{link.port}")
    return link, urlunsplit(parts._replace(netloc=own))
