"""Queries that are compiled once: they find what the QuerySet would, with other values each time."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import BigAutoField, Count, DateTimeField, QuerySet, UUIDField
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.models import Conversation, User, UserLimits
from chat.models.prepared import Given, prepared
from chat.models.user import people_now

pytestmark = pytest.mark.django_db(transaction=True)

compiled: list[str] = []


@prepared
def person() -> QuerySet[User]:
    compiled.append(connection.vendor)
    locked = people_now().select_for_update(no_key=True, of=("self",))
    return locked.filter(pk=Given("user", BigAutoField()), is_active=True)


@prepared
def titles() -> QuerySet[Conversation, tuple[uuid.UUID, str]]:
    found = Conversation.objects.filter(pk=Given("conversation", UUIDField()))
    return found.filter(created_at__gt=Given("since", DateTimeField())).values_list("pk", "title")


@pytest.fixture
def alice() -> User:
    return User.objects.create(username="alice")


def ask(user: User) -> list[User]:
    with transaction.atomic():
        return person(user=user.pk)


def test_the_rows_are_models_with_what_was_joined_and_annotated(alice: User) -> None:
    bob = User.objects.create(username="bob")
    UserLimits.objects.create(user=bob, queued=7)
    (found,) = ask(bob)
    with CaptureQueriesContext(connection) as statements:
        assert (found, found.limits.queued) == (bob, 7)
    assert not statements.captured_queries
    assert abs(found.now - timezone.now()) < timedelta(hours=1)
    assert [user.username for user in ask(alice)] == ["alice"]


def test_each_call_asks_the_database_anew(alice: User) -> None:
    assert ask(alice) == [alice]
    User.objects.update(is_active=False)
    assert ask(alice) == []


def test_values_reach_the_database_as_their_columns_hold_them(alice: User) -> None:
    made = Conversation.objects.create(owner=alice, title="Hello")
    before, after = (made.created_at + timedelta(seconds=s) for s in (-1, 1))
    assert titles(conversation=made.pk, since=before) == [(made.pk, "Hello")]
    assert titles(conversation=made.pk, since=after) == []
    assert titles(conversation=uuid.uuid4(), since=before) == []


def test_it_is_compiled_once_for_each_kind_of_database(alice: User) -> None:
    for _ in range(3):
        ask(alice)
    assert compiled.count(connection.vendor) == 1


def test_threads_do_not_get_each_others_rows() -> None:
    users = [User.objects.create(username=f"user{number}") for number in range(4)]

    def ask_often(user: User) -> Any:
        try:
            return {found.pk for _ in range(50) for found in ask(user)}
        finally:
            connection.close()

    with ThreadPoolExecutor(len(users)) as threads:
        found = list(threads.map(ask_often, users))
    assert found == [{user.pk} for user in users]


def test_a_value_that_is_not_given_is_an_error(alice: User) -> None:
    with pytest.raises(KeyError):
        titles(conversation=uuid.uuid4())


def test_counts_over_all_rows_are_one_row(alice: User) -> None:
    @prepared
    def counted() -> QuerySet[Conversation, dict[str, Any]]:
        owned = Conversation.objects.filter(owner=Given("owner", BigAutoField())).order_by()
        counts = owned.values(count=Count("pk"))
        counts.query.group_by = None
        return counts

    assert counted(owner=alice.pk) == [{"count": 0}]
    Conversation.objects.create(owner=alice)
    assert counted(owner=alice.pk) == [{"count": 1}]
