"""What is made once for a whole run, however many processes the run's tests are spread over.

`make test` runs tests in several processes (pytest-xdist's workers). What takes seconds to make and is only read
afterwards is made by the first that needs it, while the others wait for it.
"""

import fcntl
import functools
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.support.guarded import temporary_directory
from tests.support.paths import worker

_VARIABLE = "EVOCHAT_TEST_SHARED"


@functools.cache
def shared_directory() -> Path:
    """Give the run's own directory. Workers are handed that of the process that started them."""
    if worker():
        return Path(os.environ[_VARIABLE])
    directory = temporary_directory("shared")
    os.environ[_VARIABLE] = str(directory)
    return directory


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """Give the path of what `make` made, called by whichever process came first.

    `make` gets a path where nothing is. What is there is complete: it gets its name at the very end. If `make`
    raises, the next that asks tries again.
    """
    path = shared_directory() / name
    with path.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            attempt = Path(tempfile.mkdtemp(dir=path.parent)) / name
            make(attempt)
            attempt.rename(path)
    return path
