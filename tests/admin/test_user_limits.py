"""Limits of users in the admin: an operator sets them by username, and the history keeps who did."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chat.models import User, UserLimits
from tests.admin.staff import signed_in

pytestmark = pytest.mark.django_db

EMPTY = {
    "at_once": "",
    "queued": "",
    "prompts_per_day": "",
    "tokens_per_day": "",
    "paused_until": "",
    "reason": "",
}
LIST = reverse("admin:chat_userlimits_changelist")
ADD = reverse("admin:chat_userlimits_add")


@pytest.fixture
def operator(alice: User) -> Client:
    """Sign in a member of the group that every site has."""
    Group.objects.all().delete()
    call_command("migrate", verbosity=0)
    olga = User.objects.create_user("olga", is_staff=True)
    olga.groups.add(Group.objects.get(name="operator"))
    client = Client()
    client.force_login(olga)
    return client


def change(user: User) -> str:
    return reverse("admin:chat_userlimits_change", args=[user.pk])


def said(client: Client, path: str, **fields: str) -> str:
    """Send a form that is refused, and give the page."""
    response = client.post(path, {**EMPTY, **fields})
    assert response.status_code == 200
    return response.content.decode()


def test_an_operator_limits_a_user_and_the_history_says_who_did(
    operator: Client, alice: User
) -> None:
    fields = {"username": "alice", "prompts_per_day": "5", "at_once": "1"}
    assert operator.post(ADD, {**EMPTY, **fields}).status_code == 302
    paused = {"prompts_per_day": "7", "is_paused": "on", "reason": "Ask Bob."}
    assert operator.post(change(alice), {**EMPTY, **paused}).status_code == 302

    limits = UserLimits.objects.get(user=alice)
    assert (limits.at_once, limits.prompts_per_day) == (None, 7)
    assert (limits.is_paused, limits.reason) == (True, "Ask Bob.")
    entries = LogEntry.objects.filter(object_id=str(alice.pk)).order_by("pk")
    assert [entry.user.username for entry in entries] == ["olga", "olga"]
    assert "Prompts a day" in entries[1].get_change_message()
    history = reverse("admin:chat_userlimits_history", args=[alice.pk])
    assert "olga" in operator.get(history).content.decode()


def test_the_list_says_who_may_not_send_now(operator: Client, alice: User) -> None:
    now, hour = timezone.now(), timedelta(hours=1)
    UserLimits.objects.create(user=alice, is_paused=True, tokens_per_day=12_000)
    for name, until in (("bob", now - hour), ("eve", now + hour)):
        user = User.objects.create(username=name)
        UserLimits.objects.create(user=user, is_paused=True, paused_until=until)

    def found(**query: str) -> list[str]:
        return [str(row) for row in operator.get(LIST, query).context["cl"].result_list]

    assert found() == ["alice", "bob", "eve"]
    assert found(paused="yes") == ["alice", "eve"]
    assert found(paused="no") == ["bob"]
    assert found(q="ev") == ["eve"]
    html = operator.get(LIST).content.decode()
    assert "12,000" in html
    assert html.count("until this is changed") == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"username": "nobody"}, "There is no user of this name."),
        ({"username": "limited"}, "This user has limits already"),
        ({"username": "alice", "at_once": "0"}, "greater than or equal to 1"),
        ({"username": "alice", "queued": "many"}, "Enter a whole number."),
        (
            {"username": "alice", "paused_until": "2030-01-01T00:00"},
            "Without this the time means nothing.",
        ),
        (
            {
                "username": "alice",
                "is_paused": "on",
                "paused_until": "2020-01-01T00:00",
            },
            "This time is past.",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    operator: Client, fields: dict[str, str], words: str
) -> None:
    UserLimits.objects.create(user=User.objects.create(username="limited"))

    assert words in said(operator, ADD, **fields)
    assert UserLimits.objects.count() == 1


def test_a_pause_that_is_over_does_not_stand_in_the_way_of_another_change(
    operator: Client, alice: User
) -> None:
    over = {"is_paused": "on", "paused_until": "2020-01-01T00:00"}
    UserLimits.objects.create(
        user=alice, is_paused=True, paused_until=datetime(2020, 1, 1, tzinfo=UTC)
    )

    assert operator.post(change(alice), {**EMPTY, **over, "queued": "3"}).status_code == 302
    assert UserLimits.objects.get(user=alice).queued == 3


def test_others_of_the_staff_see_and_change_nothing(alice: User) -> None:
    UserLimits.objects.create(user=alice)
    charlie: Any = User.objects.create_user("charlie", is_staff=True)
    client = signed_in(charlie)

    assert [client.get(path).status_code for path in (LIST, ADD, change(alice))] == [403] * 3
    assert client.post(change(alice), {**EMPTY, "queued": "1"}).status_code == 403
