"""Kill what the test run leaves behind, also when the run itself was killed.

Runs as a process of its own with the run's end of a pipe as standard input. Lines are `+<process group>`,
`-<process group>` and `@<directory>`. When the pipe closes (the run ended, in whatever way) every group still
named is killed and every directory removed.
"""

import contextlib
import os
import shutil
import signal
import sys


def main() -> None:
    groups: set[int] = set()
    directories: list[str] = []
    for line in sys.stdin:
        kind, value = line[0], line[1:].rstrip("\n")
        if kind == "+":
            groups.add(int(value))
        elif kind == "-":
            groups.discard(int(value))
        else:
            directories.append(value)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
