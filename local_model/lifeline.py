"""A child process that must not outlive its parent, however the parent ends."""

import os
import sys
import threading


def exit_with_parent() -> None:
    """End this process as soon as standard input closes.

    The parent holds the other end of the pipe, and the system closes it also when the parent is
    killed with SIGKILL: no signal and no prctl is portable to do that.
    """
    threading.Thread(target=_watch, args=(sys.stdin.fileno(),), daemon=True).start()


def _watch(descriptor: int) -> None:
    while os.read(descriptor, 4096):
        pass
    os._exit(0)
