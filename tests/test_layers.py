"""Imports point down only, and what has one owner is imported by its owner alone (docs/architecture.md)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT

# From the ground up. A module may import its own layer and those below.
LAYERS = {
    "pure": (
        "chat.deltas",
        "chat.envelope",
        "chat.flood",
        "chat.origins",
        "chat.outbox",
        "chat.protocol",
        "chat.redaction",
        "chat.subscription",
        "chat.timing",
        "chat.watch",
    ),
    "edges": ("chat.evolution", "chat.hub", "chat.models", "chat.search", "chat.threads"),
    "flow": (
        "chat.conversations",
        "chat.figures",
        "chat.exporting",
        "chat.generation",
        "chat.retention",
        "chat.reviews",
        "chat.session_watch",
        "chat.sessions",
    ),
    "engine": ("chat.engine",),
    "thin": (
        "chat.accounts",
        "chat.admin",
        "chat.apps",
        "chat.checks",
        "chat.consumers",
        "chat.handshake",
        "chat.management",
        "chat.migrations",
        "chat.roles",
        "chat.templatetags",
        "chat.urls",
        "chat.views",
    ),
    "wiring": ("evochat",),
}
# A command starts a process, and so names the wiring that makes one.
UPWARD = {("chat.management", "evochat")}
# What a pure module must not know.
OUTSIDE = ("django", "channels", "openai", "aiohttp", "redis", "psycopg")
OWNERS = {
    "openai": "chat.evolution",
    "channels.layers": "chat.hub",
}
HEIGHT = {prefix: n for n, prefixes in enumerate(LAYERS.values()) for prefix in prefixes}
FILES = sorted(path for package in ("chat", "evochat") for path in (ROOT / package).rglob("*.py"))


def _within(module: str, prefix: str) -> bool:
    return module == prefix or module.startswith(f"{prefix}.")


def _home(module: str) -> str | None:
    return next((prefix for prefix in HEIGHT if _within(module, prefix)), None)


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from chat import deltas` names a module, `from chat.deltas import Buffer` is in one.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_imports_point_down(path: Path) -> None:
    module = _module(path)
    home = _home(module)
    if module == "chat":
        return
    assert home, f"{module} has no place in LAYERS: say in which layer it is"
    for imported in _imports(path):
        other = _home(imported)
        if other is None or any(_within(module, a) and _within(imported, b) for a, b in UPWARD):
            continue
        assert HEIGHT[other] <= HEIGHT[home], f"{module} imports {imported}, which is above it"


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_pure_modules_know_no_framework(path: Path) -> None:
    if _home(_module(path)) in LAYERS["pure"]:
        outside = [name for name in _imports(path) if name.split(".")[0] in OUTSIDE]
        assert not outside


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_what_has_an_owner_is_imported_by_it_alone(path: Path) -> None:
    for imported in _imports(path):
        for owned, owner in OWNERS.items():
            if _within(imported, owned):
                assert _within(_module(path), owner), f"{imported} belongs to {owner}"


# -- Packages that could stand alone ---------------------------------------------------------------

# What each must not import: neither its users nor what only they need.
ALONE = {
    "chat/evolution": ("django", "channels", "chat.models", "chat.hub"),
    "scripted_evolution": ("django", "channels", "openai", "chat", "evochat"),
    "local_model": ("django", "channels", "openai", "chat", "evochat"),
}


@pytest.mark.parametrize("package", ALONE)
def test_what_could_stand_alone_does(package: str) -> None:
    files = list((ROOT / package).rglob("*.py"))
    assert files
    for path in files:
        for imported in _imports(path):
            assert not any(_within(imported, name) for name in ALONE[package]), (
                f"{path}: {imported}"
            )


def test_the_channel_layer_has_one_user() -> None:
    """However it is reached: by its own module, or as an attribute of another."""
    users = [_module(path) for path in FILES if "get_channel_layer" in path.read_text()]

    assert users == ["chat.hub.link"]


def test_no_import_hides_in_a_string() -> None:
    """The tests above read import statements: what names modules at run time is looked at here."""
    allowed = {"chat.sessions"}  # Django's session store, named by a setting
    hidden = {_module(path) for path in FILES if _names_import_module(path)}

    assert hidden <= allowed


def _names_import_module(path: Path) -> bool:
    nodes = ast.walk(ast.parse(path.read_text()))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return bool(names & {"import_module", "__import__"})
