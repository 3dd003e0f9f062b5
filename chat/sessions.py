"""Who is behind a Django session cookie, and which sessions have ended since; read in threads of ours."""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from chat.models import User

_store: Any = import_module(settings.SESSION_ENGINE).SessionStore


class Login(NamedTuple):
    """What a handshake was based on: the session's key, the user and the hash of the password then."""

    session_key: str | None
    user: int
    password: str


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


def ended_logins(logins: Collection[Login]) -> set[Login]:
    """Return those whose session is gone or expired, or whose user is gone, inactive or has another password.

    Two queries, however many there are.
    """
    keys = {login.session_key for login in logins}
    sessions = _stored().filter(session_key__in=keys, expire_date__gt=timezone.now())
    living = set(sessions.values_list("session_key", flat=True))
    users = User.objects.filter(pk__in={login.user for login in logins}, is_active=True)
    passwords = dict(users.values_list("pk", "password"))
    return {
        login
        for login in logins
        if login.session_key not in living or passwords.get(login.user) != login.password
    }


def expired_sessions() -> QuerySet:
    return _stored().filter(expire_date__lt=timezone.now())


def end_sessions_of(user_id: int) -> int:
    """Delete all sessions of a user, and return how many; the watch closes their sockets."""
    return _stored().filter(session_key__in=session_keys_of(user_id)).delete()[0]


def session_keys_of(user_id: int) -> list[str]:
    """Find a user's sessions. Each that is stored is looked into, since they name nobody outside."""
    store = _store()
    rows = _stored().values_list("session_key", "session_data").iterator()
    return [key for key, data in rows if store.decode(data).get(SESSION_KEY) == str(user_id)]


def _stored() -> QuerySet:
    rows: QuerySet = _store.get_model_class().objects.all()
    return rows


def _is_valid(user: User, stored: str) -> bool:
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(stored, each) for each in hashes)
