"""Who is signed out is out, on every socket and in every process, within seconds."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from tests.support.database import Person
from tests.support.deployment import Deployment, deployed
from tests.support.processes import Processes


@pytest.fixture
def chat(
    processes: Processes, sqlite_url: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[Deployment]:
    """Give a chat of two web processes, with its whole record for a test to change."""
    with deployed(processes, sqlite_url, django_db_blocker) as deployment:
        deployment.add_web()
        deployment.add_web(GENERATE_IN="worker")
        yield deployment


def end_session(chat: Deployment, person: Person) -> None:
    chat.database.execute("DELETE FROM django_session WHERE session_key = %s", person.session_key)


def let_session_expire(chat: Deployment, person: Person) -> None:
    sql = "UPDATE django_session SET expire_date = %s WHERE session_key = %s"
    chat.database.execute(sql, timezone.now(), person.session_key)


def deactivate(chat: Deployment, person: Person) -> None:
    chat.database.execute(
        "UPDATE chat_user SET is_active = %s WHERE id = %s", False, person.user.pk
    )


def change_password(chat: Deployment, person: Person) -> None:
    sql = "UPDATE chat_user SET password = %s WHERE id = %s"
    chat.database.execute(sql, make_password("another horse"), person.user.pk)


ENDS = [end_session, let_session_expire, deactivate, change_password]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
async def test_sockets_are_closed_with_4401_in_every_process(
    chat: Deployment, end: Callable[[Deployment, Person], None]
) -> None:
    alice, bob = chat.sign_up("alice"), chat.sign_up("bob")
    async with (
        chat.socket(alice) as here,
        chat.socket(alice, web=1) as there,
        chat.socket(bob) as his,
    ):
        end(chat, alice)
        for socket in (here, there):
            async with asyncio.timeout(20):
                await socket.connection.wait_closed()
            assert socket.connection.close_code == 4401
        assert (await his.ask("ping"))["type"] == "pong"
