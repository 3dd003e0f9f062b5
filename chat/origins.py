"""Which pages may open a socket. Pure."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_allowed(origin: str | None, own: str, trusted: Iterable[str]) -> bool:
    """Tell whether `origin` is our `own` (scheme, host and port) or one of the `trusted`.

    A trusted one may hold a wildcard for subdomains, as `https://*.example.com`.
    """
    parsed = _parse(origin)
    if parsed is None:
        return False
    return parsed == _parse(own) or any(_matches(parsed, pattern) for pattern in trusted)


def _parse(origin: str | None) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(origin or "")
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None


def _matches(parsed: tuple[str, str, int], pattern: str) -> bool:
    allowed = _parse(pattern)
    if allowed is None:
        return False
    scheme, host, port = allowed
    return parsed[0] == scheme and parsed[2] == port and fnmatchcase(parsed[1], host)
