"""The same application behind the server of `manage.py serve` and behind plain daphne."""

import sys

from tests.support.processes import Process, Processes
from tests.support.waiting import free_port


class Witnessed:
    """A server with `tests/support/witness.py` behind it; what that says is in the process's output."""

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self.port = port
        process.wait_for_port(port)

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    def said(self) -> list[str]:
        return self.process.output().splitlines()

    def wait_until_said(self, words: str) -> None:
        self.process.wait_for_line(f"^{words}$")


def ours(processes: Processes, stall_s: float = 10.0) -> Witnessed:
    port = free_port()
    command = ["-m", "tests.support.witness", "--port", str(port), "--stall-s", str(stall_s)]
    return Witnessed(processes.start(sys.executable, *command, name="ours"), port)


def plain_daphne(processes: Processes) -> Witnessed:
    port = free_port()
    command = ["-m", "daphne", "--port", str(port), "tests.support.witness:application"]
    return Witnessed(processes.start(sys.executable, *command, name="daphne"), port)
