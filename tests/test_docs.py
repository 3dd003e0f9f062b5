"""What is documented exists, and what exists is documented."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from chat.protocol import COMMANDS, EVENTS, CloseCode, Command, ErrorCode, FailureCode, Params
from tests.support.paths import ROOT

PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
README = (ROOT / "README.md").read_text()
ENV_EXAMPLE = (ROOT / ".env.example").read_text()
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND_NAMES = set(COMMANDS)
EVENT_NAMES = {str(event.__struct_config__.tag) for event in EVENTS}
EVENTS_BY_NAME = {str(event.__struct_config__.tag): event for event in EVENTS}
CLOSE_CODES = {str(value) for name, value in vars(CloseCode).items() if name.isupper()}
# Of docker compose, not of evochat: they stand in .env too.
OF_COMPOSE = {"POSTGRES_PASSWORD", "EVOCHAT_BIND", "EVOCHAT_IMAGE"}


def section(title: str) -> str:
    """Give the text below a heading of the second level."""
    found = re.search(
        rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PROTOCOL, re.MULTILINE | re.DOTALL
    )
    assert found, f"protocol.md has no section {title!r}"
    return found.group(1)


def rows(text: str, header: str) -> list[list[str]]:
    """Give the cells of the table whose header row begins with `header`."""
    table = text[text.index(f"| {header} |") :].split("\n\n", maxsplit=1)[0].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def first_cells(text: str, header: str) -> set[str]:
    return {name for row in rows(text, header) for name in named(row[0])}


def environment_variables() -> set[str]:
    """Read the names off the calls of `evochat.environment` in the settings."""
    tree = ast.parse((ROOT / "evochat" / "settings.py").read_text())
    readers = {"text", "flag", "whole", "seconds", "listed", "choice", "url", "database"}
    return {
        str(call.args[0].value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.func.attr in readers
        and isinstance(call.args[0], ast.Constant)
    }


# -- The wire --------------------------------------------------------------------------------------


def test_the_commands_are_those_of_the_code() -> None:
    assert first_cells(section("Commands"), "type") == COMMAND_NAMES


def test_the_events_are_those_of_the_code() -> None:
    replies = first_cells(section("Replies"), "type")
    events = first_cells(section("Events"), "type")

    assert replies | events == EVENT_NAMES
    assert not replies & events


def test_every_reply_named_in_the_table_of_commands_is_an_event() -> None:
    replies = {name for row in rows(section("Commands"), "type") for name in named(row[2])}

    assert replies <= EVENT_NAMES


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_field_of_a_command_is_in_its_row(name: str) -> None:
    row = next(row for row in rows(section("Commands"), "type") if name in named(row[0]))
    fields = set(COMMANDS[name].__struct_fields__) - set(Command.__struct_fields__)

    assert {field for field in fields if not re.search(rf"\b{field}\b", row[1])} == set()


@pytest.mark.parametrize("name", sorted(EVENT_NAMES))
def test_every_field_of_an_event_is_in_its_section(name: str) -> None:
    text = section("Replies") + section("Events")
    fields = set(EVENTS_BY_NAME[name].__struct_fields__) - {"command_id"}

    assert {field for field in fields if not re.search(rf"\b{field}\b", text)} == set()


def test_every_parameter_is_described() -> None:
    told = section("Commands")[section("Commands").index("`params`:") :].split("\n\n")[0]

    assert set(Params.__struct_fields__) <= set(named(told))


def test_the_error_codes_are_those_of_the_code() -> None:
    assert first_cells(section("Errors"), "code of `error`") == set(get_args(ErrorCode))


def test_the_failure_codes_are_those_of_the_code() -> None:
    codes = first_cells(section("Errors"), "code of `generation.failed`")

    assert codes == set(get_args(FailureCode))


def test_the_close_codes_are_those_of_the_code() -> None:
    assert {row[0] for row in rows(section("Connection"), "close code")} == CLOSE_CODES


def test_a_close_code_is_reserved_exactly_while_nothing_closes_with_it() -> None:
    """1009 is the server's own, for a frame over its limit."""
    code = "\n".join(
        path.read_text()
        for package in ("chat", "evochat")
        for path in (ROOT / package).rglob("*.py")
        if path.name != "protocol.py"
    )
    used = {str(getattr(CloseCode, n)) for n in re.findall(r"CloseCode\.([A-Z_]+)", code)} | {
        "1009"
    }
    reserved = {r[0] for r in rows(section("Connection"), "close code") if "reserved" in r[1]}

    assert reserved == CLOSE_CODES - used


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_no_document_names_a_command_or_event_that_is_not_there(document: Path) -> None:
    kinds = {name.split(".")[0] for name in EVENT_NAMES | COMMAND_NAMES if "." in name}
    mentioned = re.findall(rf"`((?:{'|'.join(kinds)})\.[a-z_]+)`", document.read_text())
    # Fields of the shapes are written in the same way.
    fields = {"message.content", "message.reasoning"}

    assert set(mentioned) <= EVENT_NAMES | COMMAND_NAMES | fields


# -- Settings --------------------------------------------------------------------------------------


def test_the_settings_of_the_wire_contract_are_those_of_the_code() -> None:
    assert first_cells(section("Settings by environment"), "variable") == environment_variables()


def test_the_readme_has_every_setting() -> None:
    assert first_cells(README, "variable") == environment_variables()


def test_the_example_environment_has_every_setting() -> None:
    assert (
        set(re.findall(r"^# ?([A-Z_]+)=", ENV_EXAMPLE, re.MULTILINE))
        == environment_variables() | OF_COMPOSE
    )


@pytest.mark.parametrize(
    "document", [*DOCUMENTS, ROOT / ".env.example"], ids=lambda path: path.name
)
def test_no_document_names_a_setting_that_is_not_there(document: Path) -> None:
    prefixes = "ACCESS|EVOLUTION|DJANGO|USER|MESSAGE|DELTA|GENERATE|DATABASE|REDIS|RETENTION"
    mentioned = set(re.findall(rf"\b(?:{prefixes})_[A-Z_]+\b", document.read_text()))
    exist = environment_variables()

    assert {n for n in mentioned if n not in exist and n.removesuffix("_FILE") not in exist} <= {
        "DJANGO_SETTINGS_MODULE",
        "EVOLUTION_",  # as in `EVOLUTION_*`
    }


# -- The map ---------------------------------------------------------------------------------------


def test_every_module_has_its_place_in_the_architecture() -> None:
    plumbing = {"__init__.py", "apps.py", "urls.py", "accounts.py", "migrations", "templatetags"}
    modules = {
        path.name + ("/" if path.is_dir() else "")
        for path in (ROOT / "chat").iterdir()
        if path.name not in plumbing
        and (path.suffix == ".py" or (path / "__init__.py").exists() or path.name == "static")
    }

    assert {name for name in modules if f"`chat/{name}`" not in ARCHITECTURE} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_and_link_leads_somewhere(document: Path) -> None:
    text = document.read_text()
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    paths = re.findall(
        r"`((?:chat|evochat|tests|docs|scripted_evolution|local_model|templates)/[\w./-]*(?:/|\.\w+))`",
        text,
    )

    missing = [link for link in links if not (document.parent / link).exists()]
    missing += [path for path in paths if not (ROOT / path).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_line_named_is_there(document: Path) -> None:
    text = document.read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = {p.stem for p in (ROOT / "chat" / "management" / "commands").glob("[a-z]*.py")}

    assert set(re.findall(r"[`\n]make ([a-z]+)", text)) <= targets
    of_django = {"migrate", "createsuperuser", "check", "collectstatic"}
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) <= commands | of_django
