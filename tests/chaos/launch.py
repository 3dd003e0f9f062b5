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
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import psutil
from django.utils import timezone

from tests.chaos.failpoints import install


def main() -> None:
    directory = Path(os.environ["FAULTS"])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evochat.settings")
    from evochat.server import use_fast_loop

    # As `manage.py` does it: before anything imports daphne.
    use_fast_loop()
    # Before the models are imported: their fields keep the clock they find.
    _move_clock(directory / "clock")
    import django

    django.setup()
    install(directory)
    signal.signal(signal.SIGUSR1, lambda *_: _take_census(directory, *_))
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *sys.argv[1:]])


def _move_clock(file: Path) -> None:
    real, seconds = timezone.now, time.time

    def moved() -> datetime:
        return real() + timedelta(seconds=_seconds(file))

    timezone.now = moved
    time.time = lambda: seconds() + _seconds(file)


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
        **_count_members(),
    }
    partial = directory / "census.partial"
    partial.write_text(json.dumps(census))
    partial.rename(directory / "census.json")


def _count_members() -> dict[str, int]:
    """Count what the process's Hubs and runners hold of sockets, subscriptions and generations."""
    from chat.generation.runner import Runner
    from chat.hub import Hub

    # By type: `isinstance` would have lazy objects look up what they stand for.
    known: list[Any] = [one for one in gc.get_objects() if type(one) in {Hub, Runner}]
    hubs = [one for one in known if type(one) is Hub]
    return {
        "watchers": sum(len(who) for hub in hubs for who in hub._watchers.values()),
        "joined": sum(len(who) for hub in hubs for who in hub._sockets.values()),
        "live": sum(len(one._live) for one in known if type(one) is Runner),
    }


if __name__ == "__main__":
    main()
