"""Settings by environment: a wrong value stops the start with one line that names the variable."""

import subprocess
import sys
from pathlib import Path

import pytest

from evochat.static_files import SERVED, ServedFilesFinder
from tests.support.environment import clean_environment
from tests.support.paths import ROOT


def start(**env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=clean_environment({"DJANGO_INSECURE_HTTP": "1", **env}),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DELTA_WINDOW_MS", "soon"),
        ("DELTA_WINDOW_MS", "0"),
        ("EVOLUTION_MAX_PARALLEL", "-1"),
        ("EVOLUTION_IDLE_TIMEOUT", "nan"),
        ("EVOLUTION_BASE_URL", "foundation-models.api.cloud.ru"),
        ("GENERATE_IN", "cloud"),
        ("RETENTION_DAYS", "-1"),
        ("ACCESS_RETENTION_DAYS", "-1"),
        ("EXPORT_RETENTION_DAYS", "a year"),
        ("DJANGO_DEBUG", "maybe"),
        ("DATABASE_URL", "mysql://localhost/evochat"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("EVOLUTION_KEY_ID", "a-key-id-without-its-secret"),
    ],
)
def test_a_wrong_value_stops_the_start_with_one_line_that_names_it(name: str, value: str) -> None:
    ended = start(**{name: value})
    assert ended.returncode != 0
    (line,) = ended.stderr.strip().splitlines()
    assert line.startswith(f"evochat: {name}: ")
    assert value not in line.replace(name, "") or value == "0"


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from-a-file\n")
    code = "from evochat import settings; print(settings.EVOLUTION_API_KEY)"
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=clean_environment({"EVOLUTION_API_KEY_FILE": str(secret)}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "from-a-file\n"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    ended = start(EVOLUTION_API_KEY_FILE=str(tmp_path / "nothing"))
    assert ended.stderr.startswith("evochat: EVOLUTION_API_KEY_FILE: cannot be read")


def test_a_secret_key_is_made_once_and_kept(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from evochat.secret_key import kept_secret_key;"
        "print(kept_secret_key(Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "var" / "secret_key")]
    runs = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    keys = {run.communicate()[0].strip() for run in runs}
    assert len(keys) == 1
    assert len(keys.pop()) >= 50


def test_options_of_the_database_url_are_kept() -> None:
    code = "from evochat import settings; print(settings.DATABASES['default']['OPTIONS'])"
    url = "postgres://user:secret@127.0.0.1/evochat?sslmode=verify-full&connect_timeout=9"
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=clean_environment({"DATABASE_URL": url}),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "'sslmode': 'verify-full'" in told
    assert "'connect_timeout': 9" in told
    assert "lock_timeout" in told


def test_static_files_may_be_kept_elsewhere(tmp_path: Path) -> None:
    env = {"DJANGO_STATIC_ROOT": str(tmp_path)}
    code = "from evochat import settings; print(settings.STATIC_ROOT)"
    command = [sys.executable, "-c", code]
    for given, expected in ((env, tmp_path), ({}, ROOT / "staticfiles")):
        told = subprocess.check_output(command, cwd=ROOT, env=clean_environment(given), text=True)
        assert told.strip() == str(expected)


def test_of_a_package_only_what_is_served_is_collected() -> None:
    found = ServedFilesFinder().list([])
    paths = {(storage.prefix, path) for path, storage in found if storage.prefix != "npm/katex"}

    assert {path for prefix, path in paths if prefix == "npm/chart"} == SERVED["npm/chart"]
    assert ("npm/marked", "marked.esm.js") in paths
