"""A long fault scenario runs when it is asked for, and is deselected, not skipped, when it is not."""

import pytest

from tests.support.paths import ROOT

pytest_plugins = ["pytester"]

CASES = [
    ((), 1, 1),
    (("--chaos",), 2, 0),
    (("-m", "chaos"), 1, 1),
    (("-m", "not chaos"), 1, 1),
    (("-m", "chaos or slow"), 1, 1),
    (("-k", "chaos"), 0, 2),
]
BODY = """
import pytest

@pytest.mark.chaos
def test_a_scenario(request): print("ran: chaos")

def test_other(): print("ran: other")
"""


@pytest.mark.parametrize(("options", "passed", "deselected"), CASES)
def test_a_scenario_runs_when_asked_for(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    passed: int,
    deselected: int,
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    # Importing the plugins that are installed takes four times as long as all else.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest("from tests.support.chaos import *  # noqa: F403")
    pytester.makeini("[pytest]\nmarkers =\n  chaos: long\n  slow: not so long")
    pytester.makepyfile(BODY)
    result = pytester.runpytest_subprocess("-s", *options)
    result.assert_outcomes(passed=passed, deselected=deselected)
    wants_chaos = options in {("--chaos",), ("-m", "chaos"), ("-m", "chaos or slow")}
    assert ("ran: chaos" in result.stdout.str()) == wants_chaos


def test_the_marker_is_registered(pytestconfig: pytest.Config) -> None:
    markers = pytestconfig.getini("markers")
    assert any(line.startswith("chaos: a long fault scenario") for line in markers)
