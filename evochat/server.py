"""How the server is made: on uvloop where there is one, with the Engine behind it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any


def use_fast_loop() -> None:
    """Set uvloop's policy. Must be called before daphne is imported: that installs the reactor."""
    with contextlib.suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


def make_server(application: Any, host: str, port: int, announce: Callable[[str], None]) -> Any:
    """Return a server whose `run` serves until a signal, and calls `announce(url)` when it listens."""
    from evochat.lifecycle import owner
    from evochat.serving.server import EvochatServer

    return EvochatServer(application, (host, port), announce, owner)
