"""What nothing may outlive the run of: process groups and directories, told to the guard process (`guard.py`)."""

import atexit
import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def temporary_directory(prefix: str, owner: int | None = None) -> Path:
    """Make a directory that is removed at the latest when the run has ended, in whatever way."""
    directory = Path(tempfile.mkdtemp(prefix=f"evochat-{prefix}-"))
    if owner is not None:
        os.chown(directory, owner, owner)
    tell_guard(f"@{directory}")
    return directory


def tell_guard(line: str) -> None:
    """Write one line of what `guard.py` understands."""
    pipe = _guard().stdin
    assert pipe is not None
    pipe.write(line + "\n")
    pipe.flush()


@functools.cache
def _guard() -> subprocess.Popen[str]:
    guard = subprocess.Popen(
        [sys.executable, "-I", str(Path(__file__).with_name("guard.py"))],
        stdin=subprocess.PIPE,
        text=True,
        # Of its own session: an interrupt at the terminal is for pytest, and the guard outlives it.
        start_new_session=True,
    )
    # Closes the pipe and waits: when a run that was not killed is over, all is gone.
    atexit.register(guard.communicate)
    return guard
