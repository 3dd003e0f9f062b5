"""Compile requirements*.in into pinned requirements*.txt for every platform, with no index address in them."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# Compiled from {source} by `make lock`; for every platform, Python 3.11 and newer.\n"
COMPILE = ["-m", "uv", "pip", "compile", "--universal", "--python-version=3.11"]
QUIET = ["--no-emit-index-url", "--no-header", "--annotation-style=line", "--quiet"]


def main() -> None:
    for source in ("requirements.in", "requirements-dev.in"):
        target = ROOT / source.replace(".in", ".txt")
        command = [sys.executable, *COMPILE, *QUIET, "--output-file", str(target), source]
        # Standard output repeats the file; the file itself keeps the pins that still fit.
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        target.write_text(HEADER.format(source=source) + target.read_text())


if __name__ == "__main__":
    main()
