"""Where tests find the checkout and leave what a person may want to look at."""

import fcntl
import os
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent.parent


_VARIABLE = "EVOCHAT_TEST_OUTPUT"


def worker() -> str:
    """Give the name of this process among those that a run's tests are spread over; "" if there is one only."""
    return os.environ.get("PYTEST_XDIST_WORKER", "")


def _output() -> Path:
    """Give the run's own directory. Workers are handed that of the process that started them."""
    if not worker():
        os.environ[_VARIABLE] = str(_own_output())
    return Path(os.environ[_VARIABLE])


def _own_output() -> Path:
    """Give a directory that no other run writes to now: a second run beside the first has another."""
    for number in range(1, 100):
        output = ROOT / "test-output" / f"run{number}"
        output.mkdir(parents=True, exist_ok=True)
        lock = (output / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        _locks.append(lock)
        return output
    raise RuntimeError("test-output/ has no directory left for one more run")


# Held until this process ends.
_locks: list[IO[str]] = []
# Logs of child processes and screenshots; ignored by git, overwritten by the next run.
OUTPUT = _output()
LOGS = OUTPUT / "logs" / worker()
SCREENSHOTS = OUTPUT / "screenshots"
# Kept from run to run: unpacking the browser takes 3 s and 210 MB.
CACHE = ROOT / "var" / "test-cache"


def file_name(title: str) -> str:
    """Make a title (a test's node id, say) safe as a file name."""
    return "".join(char if char.isalnum() or char in "-_." else "_" for char in title)[-120:]
