"""Who is behind a Django session cookie, read in a thread of ours."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils.crypto import constant_time_compare

from chat.models import User

_store: Any = import_module(settings.SESSION_ENGINE).SessionStore


def user_of_session(session_key: str | None) -> User | None:
    """Return the active user of a valid session, else None. Changes nothing in the session.

    `channels.auth.get_user` knows no `SECRET_KEY_FALLBACKS`, and Django's own `get_user` would change
    the session's key where no answer can carry the new cookie.
    """
    session = _store(session_key)
    if not session_key or BACKEND_SESSION_KEY not in session:
        return None
    user = User.objects.filter(pk=session.get(SESSION_KEY), is_active=True).first()
    if user is None or not _is_valid(user, session.get(HASH_SESSION_KEY, "")):
        return None
    return user


def _is_valid(user: User, stored: str) -> bool:
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(stored, each) for each in hashes)
