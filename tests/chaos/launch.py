"""Run a management command of evochat with faults that can be armed while it runs.

    FAULTS=<directory> python -m tests.chaos.launch serve --port 8000

The code is the one of production; this wraps functions of it from outside. In the directory, by file:
`<fail point>` arms that fail point (tests/chaos/failpoints.py), `clock` moves the process's wall clock by
the seconds it holds; SIGUSR1 has `census.json` written.
"""

import asyncio
import gc
import json
import os
import signal
import sys
import threading
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType

import psutil
from django.utils import timezone

from tests.chaos.failpoints import install


def main() -> None:
    directory = Path(os.environ["FAULTS"])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evochat.settings")
    from evochat.server import use_fast_loop

    # As `manage.py` does it: before anything imports daphne.
    use_fast_loop()
    import django

    django.setup()
    _move_clock(directory / "clock")
    install(directory)
    signal.signal(signal.SIGUSR1, lambda *_: _take_census(directory, *_))
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *sys.argv[1:]])


def _move_clock(file: Path) -> None:
    real = timezone.now

    def moved() -> datetime:
        return real() + timedelta(seconds=_seconds(file))

    timezone.now = moved


def _seconds(file: Path) -> float:
    try:
        return float(file.read_text())
    except (FileNotFoundError, ValueError):
        return 0.0


def _take_census(directory: Path, _number: int, _frame: FrameType | None) -> None:
    gc.collect()
    # No loop runs in a signal's handler, and all_tasks() asks for one.
    known = list(vars(asyncio.tasks)["_all_tasks"])
    tasks = [task for task in known if not task.done()]
    me = psutil.Process()
    census = {
        "tasks": len(tasks),
        "task_names": Counter(getattr(t.get_coro(), "__qualname__", "?") for t in tasks),
        "threads": threading.active_count(),
        "files": me.num_fds(),
        "sockets": len([c for c in me.net_connections("tcp") if c.status == "ESTABLISHED"]),
        "memory_kib": me.memory_info().rss // 1024,
    }
    partial = directory / "census.partial"
    partial.write_text(json.dumps(census))
    partial.rename(directory / "census.json")


if __name__ == "__main__":
    main()
