"""Child processes of a test: started in a group of their own, watched, signalled, and always stopped.

`Processes` starts them, `Process` is one of them. Output (both streams) goes to a file that a failing test's report
shows the end of. Nothing outlives the run: a test's processes are stopped at its end, and a guard process
(`guard.py`) kills what is left should pytest itself be killed.
"""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self, TypeVar, cast

from tests.support.environment import clean_environment
from tests.support.guarded import tell_guard
from tests.support.paths import LOGS, ROOT
from tests.support.static_files import static_files
from tests.support.waiting import free_port, listens, wait_until

T = TypeVar("T")
P = TypeVar("P", bound="Process")

START_SECONDS = 60.0
# Longer than the server's own deadline for its applications, so that an orderly stop is never cut short.
STOP_SECONDS = 20.0
TEARDOWN_SECONDS = 3.0


class Process:
    """One child. `pid` is its process group too; `log` the file with what it printed."""

    def __init__(
        self,
        arguments: Sequence[str | Path],
        *,
        name: str,
        log: Path,
        env: Mapping[str, str],
        cwd: Path = ROOT,
        user: int | None = None,
    ) -> None:
        """Start it. `user`: a user id to run as, for what refuses to run as root."""
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                [str(argument) for argument in arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(env),
                cwd=cwd,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
                start_new_session=True,
            )
        self.pid = self._popen.pid
        tell_guard(f"+{self.pid}")

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    def output(self) -> str:
        """Give all it has printed so far."""
        return self.log.read_text(errors="replace")

    def wait_for_line(self, pattern: str, seconds: float = START_SECONDS) -> re.Match[str]:
        """Wait until it has printed something that matches; raises when it ends first or at the deadline."""
        search = re.compile(pattern, re.MULTILINE).search
        return self._wait(lambda: search(self.output()), f"{pattern!r} printed", seconds)

    def wait_for_port(self, port: int, seconds: float = START_SECONDS) -> None:
        """Wait until the port accepts connections; raises when the process ends first or at the deadline."""
        self._wait(lambda: listens(port) or None, f"listening on port {port}", seconds)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process alone, as an operator's `kill` does; nothing if it has ended."""
        self._popen.send_signal(number)

    def kill(self) -> None:
        """Kill it and wait: what `kill -9` or the out-of-memory killer does. Its children live on until `stop`."""
        self.send(signal.SIGKILL)
        self._popen.wait()

    def pause(self) -> None:
        """Freeze it (SIGSTOP): alive for the kernel, silent to everybody."""
        self.send(signal.SIGSTOP)

    def resume(self) -> None:
        self.send(signal.SIGCONT)

    def wait(self, seconds: float = START_SECONDS) -> int:
        """Wait until it ends and give its exit code (negative: the signal); raises subprocess.TimeoutExpired."""
        return self._popen.wait(seconds)

    def stop(self, seconds: float = STOP_SECONDS, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, kill it and its group if it has not within `seconds`, and give its exit code."""
        self.resume()
        self.send(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(seconds)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        tell_guard(f"-{self.pid}")
        return self._popen.wait()

    def _wait(self, condition: Callable[[], T | None], what: str, seconds: float) -> T:
        def holds() -> T | None:
            if value := condition():
                return value
            if not self.running:
                raise RuntimeError(
                    f"{self.name} ended with {self._popen.returncode}:\n{self.output()[-4000:]}"
                )
            return None

        try:
            return cast("T", wait_until(holds, f"{self.name}: {what}", seconds))
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.output()[-4000:]}") from None


class WebProcess(Process):
    """A `manage.py serve`; `url` without a final slash."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/chat/"


class Processes:
    """Starts children and stops them all at the end, the newest first."""

    def __init__(self, logs: Path = LOGS) -> None:
        self._logs = logs
        self._started: list[Process] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_all()

    @property
    def all(self) -> list[Process]:
        return list(self._started)

    def start(
        self,
        *arguments: str | Path,
        name: str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> Process:
        """Start a command. Of the settings only those in `env` reach it, whatever the developer has set."""
        name = name or Path(arguments[0]).name
        return self._add(
            Process(arguments, name=name, log=self._log(name), env=clean_environment(env), cwd=cwd)
        )

    def manage(
        self,
        command: str,
        *arguments: str | Path,
        name: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Process:
        """Start a management command, without waiting for anything."""
        return self.start(
            sys.executable, "manage.py", command, *arguments, name=name or command, env=env
        )

    def serve(
        self,
        *arguments: str,
        port: int | None = None,
        name: str = "serve",
        env: Mapping[str, str] | None = None,
    ) -> WebProcess:
        """Start a web process on 127.0.0.1 and wait until it accepts connections."""
        port = port or free_port()
        web = WebProcess(
            [sys.executable, "manage.py", "serve", "--port", str(port), *arguments],
            name=name,
            log=self._log(name),
            env=clean_environment(
                {
                    "DJANGO_INSECURE_HTTP": "1",
                    "DJANGO_STATIC_ROOT": str(static_files()),
                    **(env or {}),
                }
            ),
        )
        web.port = port
        self._add(web).wait_for_port(port)
        return web

    def run_generations(
        self,
        *arguments: str,
        name: str = "run_generations",
        env: Mapping[str, str] | None = None,
    ) -> Process:
        """Start a process that writes answers and wait until it says so."""
        runner = self.manage(
            "run_generations", *arguments, name=name, env={"GENERATE_IN": "worker", **(env or {})}
        )
        runner.wait_for_line(r"^evochat writes answers$")
        return runner

    def stop_all(self) -> None:
        """Stop them all, together: the test is over, and nobody waits for answers still running."""
        for process in self._started:
            process.resume()
            process.send(signal.SIGTERM)
        while self._started:
            self._started.pop().stop(seconds=TEARDOWN_SECONDS)

    def _add(self, process: P) -> P:
        self._started.append(process)
        return process

    def _log(self, name: str) -> Path:
        taken = {process.log for process in self._started}
        numbered = (self._logs / f"{name}{'' if n == 1 else f'-{n}'}.log" for n in range(1, 1000))
        log = next(path for path in numbered if path not in taken)
        log.unlink(missing_ok=True)
        return log
