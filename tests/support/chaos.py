"""The rule that long fault scenarios (`@pytest.mark.chaos`) run only when asked for, as pytest hooks."""

import re

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--chaos", action="store_true", help="run the long fault scenarios beside all else"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the scenarios, unless `--chaos` or a `-m` that speaks of them says what to do."""
    if config.getoption("chaos") or re.search(r"\bchaos\b", config.getoption("markexpr")):
        return
    scenarios = [item for item in items if item.get_closest_marker("chaos")]
    if scenarios:
        config.hook.pytest_deselected(items=scenarios)
        items[:] = [item for item in items if not item.get_closest_marker("chaos")]
