"""What is made once for a run is made once, by whichever of its processes comes first."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import clean_environment
from tests.support.paths import ROOT
from tests.support.shared import made_once, shared_directory
from tests.support.static_files import static_files

# Whoever comes first takes until all have come: without a lock they would all be making it.
MAKE = """
import os
from tests.support.shared import made_once, shared_directory
from tests.support.waiting import wait_until

def make(path):
    path.mkdir()
    (path / str(os.getpid())).touch()
    wait_until(lambda: len([*shared_directory().glob("*.here")]) == 4, "all are here")

(shared_directory() / f"{os.getpid()}.here").touch()
print(*(made.name for made in made_once("raced", make).iterdir()))
"""


def test_processes_that_race_get_what_one_of_them_made(tmp_path: Path) -> None:
    handed = {"PYTEST_XDIST_WORKER": "gw7", "EVOCHAT_TEST_SHARED": str(tmp_path)}
    env = clean_environment(handed)
    command = [sys.executable, "-c", MAKE]
    runs = [
        subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    makers = {run.communicate()[0].strip() for run in runs}
    assert len(makers) == 1
    assert int(makers.pop()) in {run.pid for run in runs}


def test_what_could_not_be_made_is_tried_again() -> None:
    def fail(path: Path) -> None:
        path.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        made_once("tried", fail)
    assert made_once("tried", lambda path: path.mkdir()).is_dir()


def test_static_files_are_the_runs_own() -> None:
    assert static_files().is_relative_to(shared_directory())
    assert not static_files().is_relative_to(ROOT)
    assert (static_files() / "staticfiles.json").is_file()
