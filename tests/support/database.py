"""The record of a running deployment, read directly, and people who are signed in to it."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import environ
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connections
from django.utils import timezone

from chat.models import Conversation, Delta, Generation, Message, User

# A test's coroutine may wait for the database: nothing else runs in its loop meanwhile.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """Someone with an account and a session cookie."""

    user: User
    session_key: str

    @property
    def cookie(self) -> str:
        return f"{settings.SESSION_COOKIE_NAME}={self.session_key}"


class Database:
    """One database by its URL, beside Django's own test database and untouched by its guards."""

    def __init__(self, url: str) -> None:
        self._alias = f"deployed{next(_numbers)}"
        config = dict(environ.Env.db_url_config(url))
        # A writer of the deployment may be busy: wait as it does.
        if str(config["ENGINE"]).endswith("sqlite3"):
            config["OPTIONS"] = {"timeout": 20, "transaction_mode": "IMMEDIATE"}
        connections.databases[self._alias] = connections.configure_settings(
            {"default": {}, self._alias: config}
        )[self._alias]

    def close(self) -> None:
        with _unblocked():
            connections[self._alias].close()
        del connections.databases[self._alias]

    def sign_up(self, name: str) -> Person:
        """Make an account with a name that starts with `name`, and sign it in."""
        with _unblocked():
            user = User(username=f"{name}{next(_numbers)}")
            user.set_password("correct horse")
            user.save(using=self._alias)
            return Person(user, self._session_of(user))

    def messages(self, conversation: str) -> list[Message]:
        return self._all(Message, conversation=conversation)

    def message(self, pk: str) -> Message:
        return self._one(Message, pk)

    def messages_of(self, person: Person) -> list[Message]:
        return self._all(Message, conversation__owner=person.user.pk)

    def conversation(self, pk: str) -> Conversation:
        return self._one(Conversation, pk)

    def conversations_of(self, person: Person) -> list[Conversation]:
        return self._all(Conversation, owner=person.user.pk)

    def generation(self, pk: str) -> Generation:
        return self._one(Generation, pk)

    def generations(self, conversation: str) -> list[Generation]:
        return self._all(Generation, conversation=conversation)

    def generations_of(self, person: Person) -> list[Generation]:
        return self._all(Generation, owner=person.user.pk)

    def logged_text(self, generation: str) -> str:
        """Give what the log of a generation holds, in its order."""
        with _unblocked():
            rows = Delta.objects.using(self._alias).filter(generation=generation).order_by("seq")
            return "".join(rows.values_list("text", flat=True))

    def execute(self, sql: str, *params: Any) -> None:
        with _unblocked(), connections[self._alias].cursor() as cursor:
            cursor.execute(sql, params)

    def _all(self, model: Any, **which: Any) -> list[Any]:
        with _unblocked():
            return list(model.objects.using(self._alias).filter(**which).order_by("created_at"))

    def _one(self, model: Any, pk: str) -> Any:
        with _unblocked():
            return model.objects.using(self._alias).get(pk=pk)

    def _session_of(self, user: User) -> str:
        backend = settings.AUTHENTICATION_BACKENDS[0]
        told = {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: backend}
        told[HASH_SESSION_KEY] = user.get_session_auth_hash()
        store = SessionStore()
        key: str = store._get_new_session_key()  # noqa: SLF001  # what `save` does, in our database
        Session.objects.using(self._alias).create(
            session_key=key,
            session_data=store.encode(told),
            expire_date=timezone.now() + timedelta(days=1),
        )
        return key


@contextmanager
def _unblocked() -> Iterator[None]:
    """Let through what pytest-django refuses to tests that ask for no database of its own."""
    from pytest_django.plugin import blocking_manager_key  # noqa: F401

    yield
