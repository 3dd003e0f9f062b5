"""The lists of the admin: pages by place, by indexes alone, and within their time."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chat.admin.time_limit import TooSlowError, time_limit
from chat.models import (
    Conversation,
    Message,
    Review,
    Role,
    User,
)
from tests.admin.finding import LISTS, NOON, rows, talk, trouble
from tests.admin.people import People
from tests.admin.staff import list_of, signed_in

pytestmark = pytest.mark.django_db


def test_every_row_is_on_one_page_there_and_back(client: Client, alice: User) -> None:
    """Many at the same moment: their keys say which comes first."""
    for number in range(120):
        talk(alice, "Hello", at=NOON + timedelta(minutes=number // 40))

    for model, count in (("conversation", 120), ("message", 240), ("generation", 120)):
        there, last = _walk(client, model, "next_url")
        assert [len(each) for each in there[:-1]] == [50] * (len(there) - 1)
        seen = [row for each in there for row in each]
        assert len(seen) == len({*seen}) == count
        assert seen == sorted(seen, key=_place, reverse=True)
        back, _ = _walk(client, model, "previous_url", last)
        assert back[::-1] == there


def _walk(client: Client, model: str, link: str, query: str = "") -> tuple[list[list[Any]], str]:
    """Give the pages from `query` on, and the last one's."""
    path = reverse(f"admin:chat_{model}_changelist")
    found: list[list[Any]] = []
    while True:
        changelist = client.get(path + query).context["cl"]
        found.append(list(changelist.result_list))
        if not getattr(changelist, link):
            return found, query
        query = getattr(changelist, link)


def _place(row: Any) -> tuple[datetime, Any]:
    at = row.updated_at if isinstance(row, Conversation) else row.created_at
    # SQLite compares a key as the hex it keeps.
    return at, row.pk.hex


def test_a_list_that_begins_with_the_oldest_is_paged_too(alice: User) -> None:
    made, answer, _ = talk(alice, "Hello")
    messages = Message.objects.bulk_create(
        Message(conversation=made, parent=answer, role=Role.USER, content="More", revision=1)
        for _ in range(60)
    )
    reviews = Review.objects.bulk_create(
        Review(conversation=made, message=message, flagged=True, since=NOON) for message in messages
    )
    root = signed_in(User.objects.create_superuser("root"))

    there, last = _walk(root, "review", "next_url")
    back, _ = _walk(root, "review", "previous_url", last)

    assert [row.pk for each in there for row in each] == [review.pk for review in reviews]
    assert back[::-1] == there


def test_a_page_stays_though_newer_rows_come(client: Client, alice: User) -> None:
    for number in range(60):
        talk(alice, "Hello", at=NOON + timedelta(minutes=number))
    older = list_of(client, "conversation").context["cl"].next_url
    path = reverse("admin:chat_conversation_changelist")
    before = list(client.get(path + older).context["cl"].result_list)

    talk(alice, "New", at=NOON + timedelta(days=1))

    assert list(client.get(path + older).context["cl"].result_list) == before
    assert len(before) == 10


def test_a_page_too_near_the_newest_to_be_full_is_the_first(client: Client, alice: User) -> None:
    made = [talk(alice, "Hello", at=NOON + timedelta(minutes=n))[0] for n in range(3)]

    changelist = list_of(
        client, "conversation", after=f"{made[1].updated_at.isoformat()}~{made[1].pk}"
    ).context["cl"]

    assert list(changelist.result_list) == made[::-1]
    assert not changelist.previous_url


# The same for all who collect tests.
ROW = uuid.UUID(int=7)


@pytest.mark.parametrize(
    "place",
    [
        "x",
        "~",
        "2026-01-01~x",
        f"2026-01-01T00:00:00~{ROW}",
        f"0001-01-01T00:00:00+14:00~{ROW}",
        f"2026-13-45T00:00:00Z~{ROW}",
        f"2026-01-01T00:00:00Z~{ROW}~3",
        "\x00~\x00",
    ],
)
def test_a_page_that_cannot_be_says_so(client: Client, alice: User, place: str) -> None:
    talk(alice, "Hello")

    for side in ("before", "after"):
        answer = list_of(client, "conversation", **{side: place})
        assert "There is no such page" in trouble(answer)
        assert list(answer.context["cl"].result_list) == []


def test_no_list_counts_or_skips_rows_or_sorts_by_what_the_url_says(
    client: Client, alice: User
) -> None:
    for _ in range(60):
        talk(alice, "Hello whales")

    for model in LISTS:
        for query in ({}, {"q": "whales"}, {"status": "completed"}, {"p": "2"}, {"o": "1.-2"}):
            with CaptureQueriesContext(connection) as captured:
                rows(client, model, **query)
            for said in captured:
                assert "COUNT(" not in said["sql"]
                assert "OFFSET" not in said["sql"]
            (sql,) = [said["sql"] for said in captured if "LIMIT 51" in said["sql"]]
            moment = "updated_at" if model == "conversation" else "created_at"
            table = f'"chat_{model}"'
            assert f'ORDER BY {table}."{moment}" DESC, {table}."id" DESC' in sql


def test_lists_and_filters_walk_along_indexes(client: Client, alice: User) -> None:
    for number in range(30):
        talk(alice, "Hello whales", at=NOON + timedelta(days=number))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    for model in LISTS:
        place = f"{NOON.isoformat()}~{uuid.uuid4()}"
        for query in (
            {},
            {"before": place},
            {"since": "2026-03-06"},
            {"user": "alice"},
            {"status": "failed"},
            {"code": "internal"},
            {"finish_reason": "length"},
            {"rating": "down"},
            {"seconds_from": "50"},
            {"q": "whales"},
            {"q": str(alice.pk)},
        ):
            with CaptureQueriesContext(connection) as captured:
                rows(client, model, **query)
            for said in captured:
                if "LIMIT 51" in said["sql"] or "LIMIT 3001" in said["sql"]:
                    plan = _plan(said["sql"])
                    assert not re.search(
                        r"SCAN (chat_(message|generation|conversation)|U\d)$", plan
                    ), f"{model} {query}: {plan}"


def _plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return "\n".join(str(row[3]) for row in cursor.fetchall())


def test_what_takes_the_database_too_long_is_to_be_narrowed_down(
    client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk(alice, "Hello")
    no_time(monkeypatch, "keyset.WALK_SECONDS", "keyset.LIST_SECONDS")

    for model in LISTS:
        answer = list_of(client, model)
        assert answer.status_code == 200
        assert "Narrow it down" in trouble(answer)
        assert list(answer.context["cl"].result_list) == []


def no_time(monkeypatch: pytest.MonkeyPatch, *limits: str) -> None:
    monkeypatch.setattr("chat.admin.time_limit._STEPS", 1)
    for limit in limits:
        monkeypatch.setattr(f"chat.admin.{limit}", 0)


def test_what_is_not_found_by_walking_is_gathered_in_the_same_order(
    client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(70):
        talk(alice, "Hello whales", at=NOON + timedelta(minutes=number // 9))
    asked = [{}, {"q": "whales", "status": "completed"}]
    walked = [rows(client, model, **query) for model in LISTS for query in asked]
    there, last = _walk(client, "message", "next_url")
    back, _ = _walk(client, "message", "previous_url", last)

    no_time(monkeypatch, "keyset.WALK_SECONDS", "few._SECONDS")

    assert [rows(client, model, **query) for model in LISTS for query in asked] == walked
    assert _walk(client, "message", "next_url") == (there, last)
    assert _walk(client, "message", "previous_url", last)[0] == back


def test_a_statement_is_stopped_when_its_time_is_over() -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with pytest.raises(TooSlowError), time_limit(0.1), connection.cursor() as cursor:
        cursor.execute(endless)

    # And the limit with it: this takes longer.
    with connection.cursor() as cursor:
        cursor.execute(endless.replace("FROM n)", "FROM n LIMIT 1000000)"))


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("conversation", "Conversations"),
        ("languagemodel", "Language models"),
        ("user", "Users"),
        ("userlimits", "Limits of users"),
    ],
)
def test_a_list_is_called_by_what_is_in_it(people: People, model: str, name: str) -> None:
    page = signed_in(people.root).get(reverse(f"admin:chat_{model}_changelist"))
    assert f"<h1>{name}</h1>" in page.content.decode()
