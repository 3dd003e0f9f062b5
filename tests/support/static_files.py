"""The page's files as a deployment serves them: outside debug no page renders without their manifest."""

import functools
import subprocess
import sys
from pathlib import Path

from tests.support.environment import clean_environment
from tests.support.paths import ROOT
from tests.support.shared import made_once


@functools.cache
def static_files() -> Path:
    """Give a directory of the run's own with the collected files."""
    return made_once("static", _collect)


def _collect(directory: Path) -> None:
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    env = clean_environment({"DJANGO_INSECURE_HTTP": "1", "DJANGO_STATIC_ROOT": str(directory)})
    subprocess.run(command, cwd=ROOT, env=env, check=True)
