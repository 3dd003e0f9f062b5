"""The filter beside a list of the admin: what it keeps, and what it says of what makes no sense."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client, RequestFactory

from chat.admin import ConversationAdmin
from chat.models import (
    Conversation,
    Generation,
    LanguageModel,
    Rating,
    Review,
    Status,
    User,
)
from tests.admin.finding import LISTS, NOON, page, rows, talk, trouble
from tests.admin.staff import list_of

pytestmark = pytest.mark.django_db


def test_each_filter_keeps_what_it_says_in_every_list(client: Client, alice: User) -> None:
    LanguageModel.objects.create(name="rare")
    numbers = {"input_tokens": 10, "output_tokens": 20, "cost": Decimal("0.5"), "total_ms": 900}
    talk(alice, "Usual", **numbers, finish_reason="stop")
    _, answer, _ = talk(
        User.objects.create_user("dora"),
        "Unusual",
        at=NOON + timedelta(days=40),
        model="rare",
        status=Status.FAILED,
        code="provider_timeout",
        finish_reason="length",
        input_tokens=400,
        output_tokens=600,
        cost=Decimal("12.5"),
        total_ms=90_500,
    )
    Rating.objects.create(user=alice, message=answer, value="down", reason="wrong")
    Review.objects.create(message=answer, conversation=answer.conversation, flagged=True)

    for wanted in (
        {"user": "dora"},
        {"user": "do"},
        {"since": "2026-04-14", "until": "2026-04-14"},
        {"model": "rare"},
        {"status": "failed"},
        {"finish_reason": "length"},
        {"code": "provider_timeout"},
        {"rating": "down"},
        {"rating": "reason"},
        {"review": "flagged"},
        {"review": "open"},
        {"tokens_from": "1000", "tokens_to": "1000"},
        {"cost_from": "12.5", "cost_to": "12.5"},
        {"seconds_from": "90.5", "seconds_to": "90.5"},
        {"q": "unusual", "status": "failed", "user": "dora", "rating": "down"},
    ):
        for model in LISTS if wanted.get("q") is None else ["conversation"]:
            owners = {_owner(row) for row in rows(client, model, **wanted)}
            assert owners == {"dora"}, (model, wanted)
    for unwanted in (
        {"tokens_from": "1001"},
        {"until": "2026-03-04"},
        {"rating": "up"},
        {"review": "resolved"},
    ):
        for model in LISTS:
            assert rows(client, model, **unwanted) == [], (model, unwanted)
    assert {row.role for row in rows(client, "message", role="user")} == {"user"}


def _owner(row: Any) -> str:
    owner: User = row.owner if hasattr(row, "owner") else row.conversation.owner
    return owner.get_username()


def test_what_is_said_of_an_answer_must_hold_for_one_and_the_same(
    client: Client, alice: User
) -> None:
    made, answer, _ = talk(alice, "Hello", status=Status.FAILED, code="internal", cost=1)
    Generation.objects.create(
        message=answer,
        conversation=made,
        owner=alice,
        status=Status.COMPLETED,
        seq=1,
        ended_at=NOON,
        cost=50,
    )

    assert rows(client, "conversation", status="failed", cost_to="2") == [made]
    assert rows(client, "conversation", status="failed", cost_from="40") == []


def test_what_its_user_deleted_is_marked_and_can_be_looked_for(client: Client, alice: User) -> None:
    kept, _, _ = talk(alice, "Kept")
    gone, _, _ = talk(alice, "Gone", "Whales")
    Conversation.objects.filter(pk=gone.pk).update(deleted_at=NOON)

    assert {*rows(client, "conversation")} == {kept, gone}
    assert rows(client, "conversation", deleted="yes") == [gone]
    assert rows(client, "conversation", deleted="no") == [kept]
    assert rows(client, "conversation", q="whales") == [gone]
    assert page(client, "conversation").count(">deleted by the user</span>") == 1


def test_a_rating_taken_back_is_none(client: Client, alice: User) -> None:
    _, answer, _ = talk(alice, "Hello")
    Rating.objects.create(user=alice, message=answer, value="")

    for rating in ("up", "down", "reason"):
        assert rows(client, "message", rating=rating) == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"since": "yesterday"}, "Enter a valid date"),
        ({"until": "9999-12-31"}, "less than or equal to"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "It ends before it begins"),
        ({"tokens_from": "many"}, "Enter a whole number"),
        ({"tokens_from": "9" * 30}, "less than or equal to"),
        ({"cost_to": "-1"}, "greater than or equal to 0"),
        ({"seconds_from": "NaN"}, "Enter a number"),
        ({"status": "asleep"}, "Select a valid choice"),
        ({"user": "no\x00body"}, "Nobody&#x27;s name begins so"),
        ({"user": "%"}, "Nobody&#x27;s name begins so"),
    ],
)
def test_a_filter_that_makes_no_sense_says_so_and_finds_nothing(
    client: Client, alice: User, query: dict[str, str], said: str
) -> None:
    talk(alice, "Hello")

    for model in LISTS:
        answer = list_of(client, model, **query)
        assert trouble(answer) == "Correct what is marked in the filter."
        assert said in answer.content.decode()
        assert list(answer.context["cl"].result_list) == []


@pytest.mark.parametrize("name", ["owner__username__startswith", "colour", "title__icontains"])
def test_a_filter_that_does_not_exist_is_not_passed_over(
    client: Client, alice: User, name: str
) -> None:
    talk(alice, "Hello")

    answer = list_of(client, "conversation", **{name: "a"})

    assert trouble(answer) == f"There is no filter called {name}."
    assert list(answer.context["cl"].result_list) == []


def test_what_is_filtered_and_searched_stays_in_the_forms_and_the_links(
    client: Client, alice: User
) -> None:
    for _ in range(60):
        talk(alice, "Hello whales")

    shown = page(client, "conversation", q="whales", status="completed", tokens_to="", user="alice")

    assert '<option value="completed" selected>' in shown
    assert '<input type="hidden" name="q" value="whales">' in shown
    assert '<input type="hidden" name="status" value="completed">' in shown
    (older,) = re.findall(r'href="(\?before=[^"]+)" rel="next"', shown)
    for part in ("q=whales", "status=completed", "user=alice"):
        assert part in older
    assert "tokens_to" not in older


def test_the_filtered_set_is_there_for_whoever_takes_it_as_a_whole(
    client: Client, alice: User
) -> None:
    for _ in range(60):
        talk(alice, "Hello")
    talk(User.objects.create_user("dora"), "Hello")
    request = RequestFactory().get("/", {"user": "alice"})
    request.user = User.objects.get(username="bob")
    request.session = {}
    admin = ConversationAdmin(Conversation, _site())

    changelist = admin.get_changelist_instance(request)

    assert len(changelist.result_list) == 50
    assert changelist.get_queryset(request).count() == 60


def _site() -> Any:
    from django.contrib.admin import site

    return site
