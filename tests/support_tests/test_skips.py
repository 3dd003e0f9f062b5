"""A test that is skipped without a reason fails its run; one that says why does not."""

import pytest

from tests.support.paths import ROOT

pytest_plugins = ["pytester"]

CASES = [
    ("@pytest.mark.skip\ndef test_it(): pass", 1),
    ("def test_it(): pytest.skip()", 1),
    ("@pytest.mark.skip(reason='no such platform')\ndef test_it(): pass", 0),
    ("def test_it(): pytest.skip('no such platform')", 0),
    ("@pytest.mark.skipif(True, reason='no such platform')\ndef test_it(): pass", 0),
]


@pytest.mark.parametrize(("body", "expected"), CASES)
def test_a_skip_says_why(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, body: str, expected: int
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    # Importing the plugins that are installed takes four times as long as all else.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest("from tests.support.skips import *  # noqa: F403")
    pytester.makepyfile(f"import pytest\n{body}\ndef test_other(): pass")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    assert result.ret == expected
    result.assert_outcomes(passed=1, skipped=1)
    said = "no such platform" if expected == 0 else "NO REASON GIVEN"
    result.stdout.fnmatch_lines([f"skipped: *test_it: {said}"])


def test_it_holds_in_a_run_of_several_processes_too(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest("from tests.support.skips import *  # noqa: F403")
    pytester.makepyfile("import pytest\ndef test_it(): pytest.skip()\ndef test_other(): pass")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "xdist", "-n", "2")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["skipped: *test_it: NO REASON GIVEN", "*1 passed, 1 skipped in *"])
