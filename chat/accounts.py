"""Who may have an account: those an administrator makes one for. Whoever signs out leaves at once."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")


def close_sockets(sender: object, request: HttpRequest | None, **of_signal: Any) -> None:
    """Close the sockets of the session in this process; the others find out by looking."""
    engine = getattr(request, "scope", {}).get("engine")
    if engine is not None and request is not None and request.session.session_key:
        engine.sessions.end_session(request.session.session_key)
