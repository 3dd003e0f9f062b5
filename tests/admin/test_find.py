"""Finding in the admin: what a search shows of what was said, filters, and pages by place."""

from __future__ import annotations

import html
import re
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from chat.admin import ConversationAdmin
from chat.admin.filter_forms import MOST_CALLED_SO
from chat.admin.time_limit import TooSlowError, time_limit
from chat.models import (
    Access,
    Accessed,
    Conversation,
    Generation,
    LanguageModel,
    Message,
    Rating,
    Review,
    Role,
    Status,
    User,
)
from tests.admin.staff import list_of, signed_in, staff

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
LISTS = ["conversation", "message", "generation"]


@pytest.fixture
def client() -> Client:
    """Give the browser of bob, who reviews."""
    return signed_in(staff("bob", "conversation", "message", "generation"))


def talk(
    owner: User, asked: str, said: str = "Moon", at: datetime = NOON, **generation: Any
) -> tuple[Conversation, Message, Generation]:
    """Write a conversation of a prompt, its answer and how that was written."""
    title = generation.pop("title", "A talk")
    made = Conversation.objects.create(owner=owner, title=title, created_at=at, updated_at=at)
    common = {"conversation": made, "revision": 1, "created_at": at}
    prompt = Message.objects.create(role=Role.USER, content=asked, **common)
    answer = Message.objects.create(role=Role.ASSISTANT, content=said, parent=prompt, **common)
    ended = {"status": Status.COMPLETED, "seq": 1, "ended_at": at, "created_at": at, "model": "gpt"}
    written = Generation.objects.create(
        message=answer, conversation=made, owner=owner, **{**ended, **generation}
    )
    return made, answer, written


def rows(client: Client, model: str, /, **query: str) -> list[Any]:
    answer = list_of(client, model, **query)
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


def page(client: Client, model: str, **query: str) -> str:
    return list_of(client, model, **query).content.decode()


def trouble(answer: HttpResponse) -> str:
    (found,) = re.findall(r'<p class="errornote" role="alert">(.*?)</p>', answer.content.decode())
    return html.unescape(found)


# -- What a search shows ---------------------------------------------------------------------------


def test_a_search_marks_what_matched_and_leads_to_it(client: Client, alice: User) -> None:
    made, answer, _ = talk(alice, "Why is the sea wet?", f"{'Once. ' * 60}It is the <b>moon</b>.")
    path = reverse("admin:chat_conversation_change", args=[made.pk])
    place = f'href="{path}?around={answer.pk}#message-{answer.pk}"'

    for model in ("conversation", "message"):
        shown = page(client, model, q="moon")
        assert "the &lt;b&gt;<mark>moon</mark>&lt;/b&gt;." in shown
        assert f"<a {place}>…" in shown
        assert shown.count("Once.") < 20


def test_the_list_of_conversations_shows_the_best_message_of_each(
    client: Client, alice: User
) -> None:
    made, _, _ = talk(alice, "Whales, whales and whales", "They are not fish. One whale sang.")
    talk(alice, "Nothing of it", title="Whales")

    shown = page(client, "conversation", q="whales")

    assert "<mark>Whales</mark>, <mark>whales</mark> and <mark>whales</mark>" in shown
    assert [row.pk for row in rows(client, "conversation", q="whales sang")] == []
    assert len(rows(client, "conversation", q="whales")) == 2
    assert [row.pk for row in rows(client, "conversation", q="whales -fish")] != [made.pk]


def test_without_a_search_nothing_is_an_excerpt(client: Client, alice: User) -> None:
    talk(alice, "Why is the sea wet?")

    assert "<mark>" not in page(client, "conversation")
    assert "wet?" not in page(client, "conversation")
    assert "<mark>" not in page(client, "message")


def test_who_may_not_read_messages_finds_titles_alone(alice: User) -> None:
    talk(alice, "Why is the sea wet?", title="About tides")
    charlie = signed_in(staff("charlie", "conversation", "generation"))

    for model in ("conversation", "generation"):
        assert len(rows(charlie, model, q="tides")) == 1
        assert rows(charlie, model, q="wet") == []
    assert "wet" not in page(charlie, "conversation", q="alice")


def test_no_piece_is_shown_before_a_reason_where_one_is_required(
    client: Client, alice: User, settings: Settings
) -> None:
    settings.ACCESS_REASON = "required"
    made, _, _ = talk(alice, "A whale of a secret", "Yes")
    talk(alice, "Another whale", "Yes")

    for model in ("conversation", "message"):
        shown = page(client, model, q="whale")
        assert len(rows(client, model, q="whale")) == 2
        assert "whale of" not in shown
        assert "<mark>" not in shown
    assert not Access.objects.filter(what=Accessed.MESSAGES).exclude(query="whale").exists()

    asked = client.get(reverse("admin:chat_conversation_change", args=[made.pk]))
    client.post(asked["Location"], {"reason": "complaint 17"})
    for model in ("conversation", "message"):
        shown = page(client, model, q="whale")
        assert "A <mark>whale</mark> of a secret" in shown
        assert "Another" not in shown


def test_a_piece_of_a_message_in_a_list_of_conversations_counts_as_words_read(
    client: Client, alice: User
) -> None:
    said, _, _ = talk(alice, "Whales?")
    named, _, _ = talk(alice, "Nothing", title="Whales")

    page(client, "conversation", q="whales")

    found = Access.objects.values_list("what", "conversation", "query")
    assert {*found} == {
        (Accessed.MESSAGES, said.pk, "whales"),
        (Accessed.CONVERSATIONS, named.pk, "whales"),
    }


def test_the_beginning_of_a_name_finds_people_unless_too_many_share_it(client: Client) -> None:
    for number in range(MOST_CALLED_SO):
        talk(User.objects.create_user(f"ann{number:02}"), "Hello")

    for model in LISTS:
        assert rows(client, model, q="ann") != []
        assert len({each.owner for each in rows(client, "generation", q="ann01")}) == 1
    User.objects.create_user("anna")
    for model in LISTS:
        assert rows(client, model, q="ann") == []
        assert "More than 20 people are called so" in page(client, model, user="ann")


def test_words_of_titles_and_messages_and_a_name_are_found_together(client: Client) -> None:
    moon, _, _ = talk(User.objects.create_user("moonstone"), "Hello", "Yes")
    other, _, _ = talk(User.objects.create_user("dora"), "What is the moon?", "Cheese")

    assert {row.pk for row in rows(client, "conversation", q="moon")} == {moon.pk, other.pk}


# -- Filters ---------------------------------------------------------------------------------------


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
        {"tokens_from": "1000", "tokens_to": "1000"},
        {"cost_from": "12.5", "cost_to": "12.5"},
        {"seconds_from": "90.5", "seconds_to": "90.5"},
        {"q": "unusual", "status": "failed", "user": "dora", "rating": "down"},
    ):
        for model in LISTS if wanted.get("q") is None else ["conversation"]:
            owners = {_owner(row) for row in rows(client, model, **wanted)}
            assert owners == {"dora"}, (model, wanted)
    for unwanted in ({"tokens_from": "1001"}, {"until": "2026-03-04"}, {"rating": "up"}):
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


# -- Pages -----------------------------------------------------------------------------------------


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


# -- Indexes and time ------------------------------------------------------------------------------


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
