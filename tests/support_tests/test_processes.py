"""Child processes are watched, signalled and never left behind."""

import signal
import subprocess
import sys
import textwrap

import psutil
import pytest

from tests.support.paths import ROOT
from tests.support.processes import Processes
from tests.support.waiting import free_port, wait_until

PARENT_OF_ONE = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("child", child.pid, flush=True)
time.sleep(600)
"""


def test_a_line_is_waited_for_and_output_kept(processes: Processes) -> None:
    child = processes.start(sys.executable, "-c", "print('ready: 7')", name="says")
    assert child.wait_for_line(r"^ready: (\d)$")[1] == "7"
    assert child.wait() == 0
    assert child.output() == "ready: 7\n"


def test_a_port_is_waited_for(processes: Processes) -> None:
    port = free_port()
    child = processes.start(
        sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port), name="web"
    )
    child.wait_for_port(port)
    assert child.stop() == -signal.SIGTERM


def test_one_that_ends_early_says_why(processes: Processes) -> None:
    child = processes.start(
        sys.executable, "-c", "import sys; sys.exit('no such thing')", name="fails"
    )
    with pytest.raises(RuntimeError, match=r"fails ended with 1:\s*no such thing"):
        child.wait_for_line("never")


def test_a_deadline_names_what_was_waited_for(processes: Processes) -> None:
    child = processes.start(sys.executable, "-c", "import time; time.sleep(60)", name="silent")
    with pytest.raises(TimeoutError, match="silent: 'word' printed"):
        child.wait_for_line("word", seconds=0.1)


def test_settings_of_the_developer_do_not_reach_it(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVOLUTION_API_KEY", "the developer's own")
    monkeypatch.setenv("DJANGO_SECRET_KEY_FILE", "/somewhere")
    show = "import os; print(*(n for n in os.environ if n.startswith(('EVOLUTION', 'DJANGO'))))"
    child = processes.start(sys.executable, "-c", show, name="env", env={"EVOLUTION_MODEL": "m"})
    child.wait()
    assert child.output() == "EVOLUTION_MODEL\n"


def test_a_stop_takes_the_children_of_a_child_along(processes: Processes) -> None:
    child = processes.start(sys.executable, "-c", PARENT_OF_ONE, name="parent")
    grandchild = int(child.wait_for_line(r"child (\d+)")[1])
    child.stop()
    wait_until(lambda: _gone(grandchild), "grandchild gone")


def test_nothing_outlives_a_run_that_was_killed(processes: Processes) -> None:
    code = f"""
        import sys, signal, os
        from tests.support.guarded import temporary_directory
        from tests.support.processes import Processes
        child = Processes().start(sys.executable, "-c", {PARENT_OF_ONE!r}, name="orphan")
        print(temporary_directory("orphan"), child.pid, child.wait_for_line(r"child (\\d+)")[1], flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == -signal.SIGKILL, run.stderr
    directory, *pids = run.stdout.split()
    wait_until(lambda: all(_gone(int(pid)) for pid in pids), "processes gone")
    wait_until(lambda: not (ROOT / directory).exists(), "directory gone")


def _gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
