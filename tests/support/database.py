"""The record of a running deployment, read directly, and people who are signed in to it."""

import itertools
import string
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import environ
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connections
from django.utils import timezone
from django.utils.crypto import get_random_string
from pytest_django import DjangoDbBlocker

from chat.models import Conversation, Delta, Generation, Message, Review, Runner, User
from tests.support import long_conversation

T = TypeVar("T")

PASSWORD = "correct horse battery"

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
    """One database by its URL, beside Django's own test database and untouched by its guard.

    Its queries run in a thread of its own, which has one connection, and block the caller.
    """

    def __init__(self, url: str, blocker: DjangoDbBlocker) -> None:
        """Take pytest-django's guard, to be let through: this is not the database it guards."""
        self._blocker = blocker
        self._alias = f"deployed{next(_numbers)}"
        self._thread = ThreadPoolExecutor(1)
        config = dict(environ.Env.db_url_config(url))
        if str(config["ENGINE"]).endswith("sqlite3"):
            # A writer of the deployment may be busy: wait as it does.
            config["OPTIONS"] = {"timeout": 20, "transaction_mode": "IMMEDIATE"}
        known = connections.configure_settings({"default": {}, self._alias: config})
        connections.databases[self._alias] = known[self._alias]

    def close(self) -> None:
        self._do(self._close)
        self._thread.shutdown()
        del connections.databases[self._alias]

    def reconnect(self) -> None:
        """Leave a connection that the server has ended."""
        self._do(self._close)

    def _close(self) -> None:
        connections[self._alias].close()

    def sign_up(self, name: str) -> Person:
        """Make an account with a name that starts with `name`, and sign it in."""
        return self._do(lambda: self._sign_up(f"{name}{next(_numbers)}"))

    def sign_up_staff(self, name: str) -> Person:
        """Make the account of an administrator, and sign it in."""
        person = self.sign_up(name)
        made = "UPDATE chat_user SET is_staff = %s, is_superuser = %s WHERE id = %s"
        self.execute(made, True, True, person.user.pk)
        return person

    def long_conversation(self, person: Person, messages: int) -> UUID:
        """Write a conversation of that many messages and give its id."""
        return self._do(lambda: long_conversation.write(person.user.pk, messages, self._alias))

    def messages_of(self, person: Person) -> list[Message]:
        return self._all(Message, conversation__owner=person.user.pk)

    def message(self, pk: str) -> Message:
        found: Message = self._one(Message, pk)
        return found

    def conversations_of(self, person: Person) -> list[Conversation]:
        return self._all(Conversation, owner=person.user.pk)

    def conversation(self, pk: str) -> Conversation:
        found: Conversation = self._one(Conversation, pk)
        return found

    def generations_of(self, person: Person) -> list[Generation]:
        return self._all(Generation, owner=person.user.pk)

    def generation(self, pk: str) -> Generation:
        found: Generation = self._one(Generation, pk)
        return found

    def deltas_of(self, person: Person) -> list[Delta]:
        """Give the logs of all of a person's generations, each in its order."""
        rows = Delta.objects.using(self._alias).filter(generation__owner=person.user.pk)
        return self._do(lambda: list(rows.order_by("generation", "seq")))

    def reviews_of(self, person: Person) -> list[Review]:
        rows = Review.objects.using(self._alias).filter(conversation__owner=person.user.pk)
        return self._do(lambda: list(rows))

    def runners(self) -> list[Runner]:
        rows = Runner.objects.using(self._alias).order_by("started_at")
        return self._do(lambda: list(rows))

    def runner_name(self, pk: str) -> str:
        """Give the host and process id of a runner, as `host:pid`."""
        runner: Runner = self._one(Runner, pk)
        return runner.name

    def logged_text(self, generation: str) -> str:
        """Give what the log of a generation holds, in its order."""
        rows = Delta.objects.using(self._alias).filter(generation=UUID(generation)).order_by("seq")
        return self._do(lambda: "".join(rows.values_list("text", flat=True)))

    def execute(self, sql: str, *params: Any) -> None:
        def run() -> None:
            with connections[self._alias].cursor() as cursor:
                cursor.execute(sql, params)

        self._do(run)

    def _do(self, work: Callable[[], T]) -> T:
        with self._blocker.unblock():
            return self._thread.submit(work).result()

    def _all(self, model: Any, **which: Any) -> list[Any]:
        rows = model.objects.using(self._alias).filter(**which).order_by("created_at")
        return self._do(lambda: list(rows))

    def _one(self, model: Any, pk: str) -> Any:
        return self._do(lambda: model.objects.using(self._alias).get(pk=pk))

    def _sign_up(self, username: str) -> Person:
        user = User(username=username)
        user.set_password(PASSWORD)
        user.save(using=self._alias)
        return Person(user, self._session_of(user))

    def _session_of(self, user: User) -> str:
        backend = settings.AUTHENTICATION_BACKENDS[0]
        told = {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: backend}
        told[HASH_SESSION_KEY] = user.get_session_auth_hash()
        key = get_random_string(32, string.ascii_lowercase + string.digits)
        Session.objects.using(self._alias).create(
            session_key=key,
            session_data=SessionStore().encode(told),
            expire_date=timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE),
        )
        return key
