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
    pytester.makeconftest("from tests.support.skips import *  # noqa: F403")
    pytester.makepyfile(f"import pytest\n{body}\ndef test_other(): pass")
    result = pytester.runpytest_subprocess("-p", "no:django", "-p", "no:cacheprovider")
    assert result.ret == expected
    result.assert_outcomes(passed=1, skipped=1)
    said = "no such platform" if expected == 0 else "NO REASON GIVEN"
    result.stdout.fnmatch_lines([f"skipped: *test_it: {said}"])
