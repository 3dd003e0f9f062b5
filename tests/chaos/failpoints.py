"""Points of the flow at which a process can be made to die, freeze or raise.

A point is armed by a file of its name that says what is to happen and at which pass: `kill 3`. `kill` and
`stop` are the signals, `raise` is an error of ours. Before it happens the file becomes `<name>.hit`.
"""

from __future__ import annotations

import functools
import importlib
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

from django.db import connection


def _always(_args: tuple[Any, ...], _result: Any) -> bool:
    return True


def _with_rows(args: tuple[Any, ...], _result: Any) -> bool:
    return bool(args[1])


def _with_claims(_args: tuple[Any, ...], result: Any) -> bool:
    return bool(result.generations)


def _with_deltas(args: tuple[Any, ...], _result: Any) -> bool:
    return any(envelope.step for envelope in args[1])


def _in_transaction(_args: tuple[Any, ...], _result: Any) -> bool:
    return connection.in_atomic_block


@dataclass(frozen=True, slots=True)
class Point:
    """`where` is `module:attribute`; `after`: it is passed when that has returned, else when it is called.

    `counts(args, result)` tells whether a call passes the point at all.
    """

    where: str
    after: bool = False
    counts: Callable[[tuple[Any, ...], Any], bool] = _always


POINTS = {
    # A prompt: written and not committed; committed and not acknowledged.
    "submit.inside": Point("chat.conversations.submit:_queue", after=True),
    "submit.committed": Point("chat.conversations:submit", after=True),
    # A claim: committed, and the provider not asked.
    "claim.committed": Point("chat.generation.runner:claim", after=True, counts=_with_claims),
    # A flush: its text in memory; in an open transaction; committed; handed to the link.
    "flush.before": Point("chat.generation.journal:store_deltas", counts=_with_rows),
    "flush.inside": Point("chat.generation.record:_flagged", counts=_in_transaction),
    "flush.committed": Point("chat.generation.journal:store_deltas", after=True, counts=_with_rows),
    "flush.published": Point("chat.hub:Hub.publish", after=True, counts=_with_deltas),
    # An end: the stream over; in an open transaction; committed and not told.
    "end.before": Point("chat.generation.ends:end_generations"),
    "end.inside": Point("chat.generation.record:terminal_envelope", counts=_in_transaction),
    "end.committed": Point("chat.generation.ends:end_generations", after=True),
    # Faults of ours in the loops that must go on, and where a runner that lost its lease is stopped.
    "engine.tick": Point("chat.generation.journal:Journal._tick"),
    "engine.claim": Point("chat.generation.runner:claim"),
    "engine.reap": Point("chat.generation.reaper:Reaper.reap"),
    "engine.forget": Point("chat.generation.runner:forget_old_logs"),
    "engine.start": Point("chat.generation.runner:Runner.start"),
    "engine.stop": Point("chat.generation.journal:Journal.stop"),
    # Faults of ours in the two places where a socket's frames are handled.
    "handler.command": Point("chat.conversations:snapshot"),
    "handler.receive": Point("chat.protocol:decode_command"),
}


class InjectedError(Exception):
    """A bug, as far as the code that meets it can tell."""


def install(directory: Path) -> None:
    """Wrap every point's function. Must be called before what imports them by name."""
    for name, point in POINTS.items():
        module_name, _, attribute = point.where.partition(":")
        owner: Any = importlib.import_module(module_name)
        path, _, last = attribute.rpartition(".")
        owner = attrgetter(path)(owner) if path else owner
        setattr(owner, last, _wrapped(getattr(owner, last), point, Trap(directory / name)))


def _wrapped(function: Callable[..., Any], point: Point, trap: Trap) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if not point.after and point.counts(args, None):
            trap.spring()
        result = function(*args, **kwargs)
        if point.after and point.counts(args, result):
            trap.spring()
        return result

    return wrapper


class Trap:
    """What the file of a point asks for, and how often the point was passed since it was armed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._passes = 0

    def spring(self) -> None:
        try:
            action, _, wanted = self._file.read_text().partition(" ")
        except FileNotFoundError:
            self._passes = 0
            return
        self._passes += 1
        if self._passes >= int(wanted or 1):
            self._file.rename(f"{self._file}.hit")
            _act(action)


def _act(action: str) -> None:
    if action == "raise":
        raise InjectedError("a fault that a test has asked for")
    # To this thread: one for the process is taken by any of its threads, and this one goes on until that has happened
    # (on a busy machine it has committed meanwhile).
    signal.pthread_kill(
        threading.get_ident(), {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}[action]
    )
