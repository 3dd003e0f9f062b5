"""What `make` runs can be run: each module of the Makefile is imported as its command would."""

import re
import subprocess
import sys

import pytest

from tests.support.environment import clean_environment
from tests.support.paths import ROOT

COMMANDS = sorted(
    {*re.findall(r"-m ((?:benchmarks|scripts)[\w.]*)", (ROOT / "Makefile").read_text())}
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_finds_all_it_imports(command: str) -> None:
    # Under another name than `__main__` nothing of it is carried out.
    imported = f"import runpy; runpy.run_module({command!r}, run_name='looked_at', alter_sys=True)"
    done = subprocess.run(
        [sys.executable, "-c", imported],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_there_are_such_commands() -> None:
    assert {"benchmarks.ui", "scripts.pictures"} <= {*COMMANDS}
