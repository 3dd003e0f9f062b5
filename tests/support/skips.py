"""The rule that a skipped test says why, as pytest hooks."""

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name each skipped test and its reason."""
    for report in terminalreporter.stats.get("skipped", []):
        reason = _reason(report) or "NO REASON GIVEN"
        terminalreporter.write_line(f"skipped: {report.nodeid}: {reason}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which a test was skipped and nobody said why."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if any(not _reason(report) for report in skipped) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    # (file, line, "Skipped: reason"); pytest itself says "unconditional skip" for a mark without one.
    said = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = said.removeprefix("Skipped").removeprefix(":").strip()
    return "" if reason in {"unconditional skip", "<Skipped instance>"} else reason
