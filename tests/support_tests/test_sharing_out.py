"""How `make test` shares the tests out among its processes."""

import subprocess
import sys
from pathlib import Path

TESTS = """
import os, pathlib, pytest

@pytest.mark.xdist_group("one browser")
@pytest.mark.parametrize("number", range(12))
def test_shares(number):
    pathlib.Path(os.environ["PYTEST_XDIST_WORKER"]).touch()

@pytest.mark.parametrize("number", range(12))
def test_needs_nothing(number):
    pass
"""


def test_tests_of_one_group_run_in_one_process(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = ["-m", "pytest", "-q", "-n", "3", "--dist", "loadgroup", "-p", "no:django"]
    subprocess.run([sys.executable, *command], cwd=tmp_path, check=True, timeout=60)
    assert len(list(tmp_path.glob("gw*"))) == 1
