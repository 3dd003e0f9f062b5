"""What the request that opens a socket says of who asks, and from which page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import parse_cookie

from chat.origins import is_allowed


class Handshake:
    """Reads the ASGI scope of a socket."""

    def __init__(self, scope: dict[str, Any]) -> None:
        self._scope = scope

    def has_allowed_origin(self) -> bool:
        """Tell whether the page that asks is ours, or trusted; a client without an Origin is not."""
        secure = self._scope.get("scheme") == "wss" or self._is_forwarded_https()
        own = f"{'https' if secure else 'http'}://{self._header(b'host')}"
        return is_allowed(self._header(b"origin"), own, settings.CSRF_TRUSTED_ORIGINS)

    def session_key(self) -> str | None:
        """Give what the session cookie holds, as Django reads it: others stop at a cookie they do not like."""
        return parse_cookie(self._header(b"cookie") or "").get(settings.SESSION_COOKIE_NAME)

    def _is_forwarded_https(self) -> bool:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        return self._header(name.removeprefix("HTTP_").replace("_", "-").lower().encode()) == value

    def _header(self, name: bytes) -> str | None:
        values = [value for key, value in self._scope["headers"] if key == name]
        return values[0].decode("latin-1") if len(values) == 1 else None
