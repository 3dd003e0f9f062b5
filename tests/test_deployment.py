"""The image and the compose file name only what exists: files, commands, settings."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from tests.support.environment import documented_variables
from tests.support.paths import ROOT

APP_SERVICES = ("migrate", "web", "runner", "purge")
# Read by the postgres image.
POSTGRES_IMAGE_VARIABLES = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_INITDB_ARGS"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


@pytest.fixture(scope="module")
def dockerfile() -> list[list[str]]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return [line.split(maxsplit=1) for line in text.splitlines() if line and line[0] not in "# "]


def test_the_services_are_those_of_the_design(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"postgres", "valkey", *APP_SERVICES}


def test_every_variable_is_documented(compose: dict[str, Any]) -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    for service in compose["services"].values():
        used |= set(service.get("environment", {}))
    assert used - documented_variables() - POSTGRES_IMAGE_VARIABLES == set()


def test_every_setting_reaches_the_services(compose: dict[str, Any]) -> None:
    # Debug is not for a deployment, and the image has its static files.
    not_passed = {"DJANGO_DEBUG", "DJANGO_STATIC_ROOT"}
    not_passed |= {"POSTGRES_PASSWORD", "EVOCHAT_BIND", "EVOCHAT_IMAGE"}  # docker compose's own
    for name in APP_SERVICES:
        passed = set(compose["services"][name]["environment"])
        assert documented_variables() - not_passed == passed, name


def test_secrets_have_no_default(compose: dict[str, Any]) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("POSTGRES_PASSWORD", "DJANGO_SECRET_KEY"):
        assert set(re.findall(rf"\$\{{{name}(..)", text)) == {":?"}
    for name in ("EVOLUTION_API_KEY", "EVOLUTION_SECRET"):
        assert compose["services"]["web"]["environment"][name] is None


def test_answers_are_written_by_the_runner(compose: dict[str, Any]) -> None:
    for name in ("web", "runner"):
        assert compose["services"][name]["environment"]["GENERATE_IN"] == "worker"


def test_web_and_runner_wait_for_the_migration(compose: dict[str, Any]) -> None:
    for name in ("web", "runner", "purge"):
        condition = compose["services"][name]["depends_on"]["migrate"]["condition"]
        assert condition == "service_completed_successfully"
    assert compose["services"]["migrate"]["restart"] == "no"


def test_only_who_asks_for_a_purge_runs_one_and_it_ends(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {name for name, service in services.items() if "profiles" in service} == {"purge"}
    assert services["purge"]["restart"] == "no"


def test_services_that_are_waited_for_exist_and_are_checked(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for service in services.values():
        for name, wanted in service.get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                assert services[name]["healthcheck"]["test"]


def test_every_volume_is_declared(compose: dict[str, Any]) -> None:
    mounted = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
    }
    assert mounted == set(compose["volumes"])


def test_commands_exist(compose: dict[str, Any], dockerfile: list[list[str]]) -> None:
    commands = [compose["services"][name]["command"] for name in APP_SERVICES]
    commands += [json.loads(rest) for word, rest in dockerfile if word == "CMD"]
    for command in commands:
        assert command[:2] == ["python", "manage.py"]
        assert command[2] in get_commands(), command


def test_the_health_check_exists(compose: dict[str, Any], dockerfile: list[list[str]]) -> None:
    (image_check,) = (rest for word, rest in dockerfile if word == "HEALTHCHECK")
    in_image = json.loads(image_check[image_check.index("[") :])
    in_compose = compose["services"]["web"]["healthcheck"]["test"][1:]
    assert in_image == in_compose == ["python", "-m", "scripts.healthcheck"]
    assert (ROOT / "scripts" / "healthcheck.py").is_file()


def test_every_copied_file_exists_and_is_let_in(dockerfile: list[list[str]]) -> None:
    let_in = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    for source in _copied_from_the_checkout(dockerfile):
        assert (ROOT / source).exists(), source
        assert source in let_in, f"{source} is ignored by .dockerignore"


def test_all_our_packages_are_in_the_image(dockerfile: list[list[str]]) -> None:
    ours = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert ours <= {Path(source).name for source in _copied_from_the_checkout(dockerfile)}


def test_the_image_does_not_run_as_root(dockerfile: list[list[str]]) -> None:
    last_stage = dockerfile[max(n for n, (word, _) in enumerate(dockerfile) if word == "FROM") :]
    assert [rest for word, rest in last_stage if word == "USER"] == ["evochat"]


def _copied_from_the_checkout(dockerfile: list[list[str]]) -> Iterator[str]:
    for word, rest in dockerfile:
        if word == "COPY" and not rest.startswith("--from"):
            yield from (source.rstrip("/") for source in shlex.split(rest)[:-1])
