"""Which pages may open a socket: our own, and those that are trusted by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.origins import is_allowed

OWN = "https://chat.example.org"


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("https://chat.example.org", OWN),
        ("https://chat.example.org:443", OWN),
        ("https://CHAT.example.org", OWN),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost", "http://localhost:80"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_our_own_page_may(origin: str, own: str) -> None:
    assert is_allowed(origin, own, [])


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "http://chat.example.org",
        "https://chat.example.org:8443",
        "https://example.org",
        "https://evil.example.org",
        "https://chat.example.org.evil.test",
        "https://evil.test/chat.example.org",
        "https://evil.test#https://chat.example.org",
        "https://chat.example.org:port",
        "https://chat.example.org:99999",
        "https://",
        "//chat.example.org",
        "chat.example.org",
        "file:///etc/passwd",
        "https://[::1",
    ],
)
def test_others_may_not(origin: str | None) -> None:
    assert not is_allowed(origin, OWN, [])


@pytest.mark.parametrize(
    ("origin", "trusted"),
    [
        ("https://other.example.org", "https://other.example.org"),
        ("https://a.example.org", "https://*.example.org"),
        ("https://a.b.example.org", "https://*.example.org"),
        ("http://localhost:5173", "http://localhost:5173"),
    ],
)
def test_a_trusted_page_may(origin: str, trusted: str) -> None:
    assert is_allowed(origin, OWN, ["https://unrelated.test", trusted])


@pytest.mark.parametrize(
    ("origin", "trusted"),
    [
        ("http://a.example.com", "https://*.example.com"),
        ("https://example.com", "https://*.example.com"),
        ("https://a.example.com.evil.test", "https://*.example.com"),
        ("https://a.example.com:8443", "https://*.example.com"),
        ("https://evilexample.com", "https://*.example.com"),
        ("https://a.example.com", "*.example.com"),
    ],
)
def test_trust_goes_no_further_than_its_words(origin: str, trusted: str) -> None:
    assert not is_allowed(origin, OWN, [trusted])


def test_a_page_without_a_host_of_ours_to_compare_with_may_not() -> None:
    """A request without exactly one Host header has no origin of its own."""
    assert not is_allowed("https://none", "https://", [])


@given(st.text())
def test_no_header_breaks_it(origin: str) -> None:
    assert not is_allowed(origin, OWN, []) or "chat.example.org" in origin.lower()
