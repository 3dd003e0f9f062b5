"""A table of scenarios at the end of a run: how often each was played, and how it went."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.support.paths import OUTPUT

SCENARIO = "scenario"


@dataclass
class Line:
    """One scenario: how many of its plays went well, and the seconds of each."""

    played: int = 0
    failed: int = 0
    seconds: list[float] = field(default_factory=list)


class Table:
    """Fills itself from the reports of a run, also from those of its workers."""

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}
        self._failed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        title = dict(report.user_properties).get(SCENARIO)
        if title is None:
            return
        line = self.lines.setdefault(str(title), Line())
        if report.when == "call":
            line.played += 1
            line.seconds.append(report.duration)
        if report.failed and report.nodeid not in self._failed:
            self._failed.add(report.nodeid)
            line.failed += 1

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.lines:
            return
        text = "\n".join(self.rows())
        terminalreporter.section("scenarios")
        terminalreporter.write_line(text)
        (OUTPUT / "scenarios.md").write_text(text + "\n")

    def rows(self) -> Iterator[str]:
        yield "| scenario | times | result | median s |"
        yield "|---|---|---|---|"
        for title, line in self.lines.items():
            result = "held" if not line.failed else f"**{line.failed} failed**"
            middle = sorted(line.seconds)[len(line.seconds) // 2] if line.seconds else 0.0
            yield f"| {title} | {line.played} | {result} | {middle:.1f} |"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--times", type=int, default=1, help="how often each scenario is played (default 1)"
    )
    parser.addoption(
        "--soak-seconds", type=float, default=60, help="how long the soak goes on (default 60)"
    )
    parser.addoption("--seed", type=int, help="of what is random (default: a new one, printed)")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Table(), "scenarios")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    times = metafunc.config.getoption("--times")
    if times > 1 and "tests/chaos" in str(metafunc.definition.path):
        metafunc.fixturenames.append("play")
        metafunc.parametrize("play", range(1, times + 1))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    said = getattr(getattr(item, "function", None), "__doc__", None)
    if "tests/chaos" in str(item.path) and said:
        item.user_properties.append((SCENARIO, said.strip().splitlines()[0].rstrip(".")))
