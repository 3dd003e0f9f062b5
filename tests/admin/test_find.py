"""What a search of the admin finds and shows of what was said."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from chat.admin.filter_forms import MOST_CALLED_SO
from chat.models import (
    Access,
    Accessed,
    LanguageModel,
    Status,
    User,
)
from tests.admin.finding import LISTS, page, rows, talk
from tests.admin.people import (
    People,
    answer,
    conversation_of,
    listed,
    prompt,
)
from tests.admin.staff import signed_in, staff

pytestmark = pytest.mark.django_db


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


def test_a_conversation_is_found_by_title_owner_words_and_every_uuid(people: People) -> None:
    wanted = conversation_of(people.alice, "About tides")
    message, generation = answer(wanted, "The moon, mostly.", prompt(wanted, "Why is the sea wet?"))
    other = conversation_of(people.bob, "Recipes")
    answer(other, "Boil it.", prompt(other, "Egg?"))
    client = signed_in(people.bob)

    for query in ("tide", "ALICE", "ali", "moon", '"sea wet"', "wet why", "mostly -egg"):
        assert listed(client, "conversation", q=query) == [wanted], query
    for row in (wanted, message, generation):
        assert listed(client, "conversation", q=str(row.pk)) == [wanted]
    for query in ("moon egg", '"wet sea"', str(uuid.uuid4()), "%", "moon -mostly", "lice"):
        assert listed(client, "conversation", q=query) == [], query
    assert len(listed(client, "conversation")) == 2


def test_messages_and_generations_are_found_by_words_owner_and_uuid(people: People) -> None:
    wanted = conversation_of(people.alice)
    asked = prompt(wanted, "Why is the sea wet?")
    message, generation = answer(wanted, "The moon, mostly.", asked)
    other = conversation_of(people.bob, "Recipes")
    answer(other, "Boil it.", prompt(other, "Egg?"), model="zai-org/GLM-4.7")
    client = signed_in(people.bob)

    assert listed(client, "message", q="moon") == [message]
    assert {*listed(client, "message", q="alice")} == {asked, message}
    assert {*listed(client, "message", q=str(wanted.pk))} == {asked, message}
    assert listed(client, "message", q=str(message.pk)) == [message]
    for query in ("moon", "alice", *(str(r.pk) for r in (generation, message, wanted))):
        assert listed(client, "generation", q=query) == [generation], query


@pytest.mark.parametrize(("language", "title"), [("en", "Conversations"), ("ru", "Разговоры")])
def test_a_list_is_called_what_it_lists(people: People, language: str, title: str) -> None:
    path = reverse("admin:chat_conversation_changelist")
    response = signed_in(people.bob).get(path, HTTP_ACCEPT_LANGUAGE=language)
    assert response.context["title"] == title


@pytest.mark.parametrize("model", ["conversation", "message", "generation"])
@pytest.mark.parametrize("query", ['"', "'", '" "', "\\", "%00", "a" * 5000, "\x00", "' OR 1=1 --"])
def test_no_search_breaks_the_list(people: People, model: str, query: str) -> None:
    conversation_of(people.alice)

    listed(signed_in(people.bob), model, q=query)


def test_filters_keep_what_has_such_a_generation(people: People) -> None:
    LanguageModel.objects.create(name="gpt")
    good = conversation_of(people.alice, "Good")
    good_message, good_generation = answer(good, "A", prompt(good, "B"), finish_reason="length")
    bad = conversation_of(people.alice, "Bad")
    failed = {"status": Status.FAILED, "code": "provider_timeout", "model": "other"}
    bad_message, bad_generation = answer(bad, "", prompt(bad, "C"), **failed)
    client = signed_in(people.bob)

    rows = {
        "conversation": (good, bad),
        "message": (good_message, bad_message),
        "generation": (good_generation, bad_generation),
    }
    for model, (ok, broken) in rows.items():
        assert listed(client, model, status="failed") == [broken]
        assert listed(client, model, code="provider_timeout") == [broken]
        assert listed(client, model, finish_reason="length") == [ok]
        assert listed(client, model, model="gpt") == [ok]
        assert listed(client, model, model="gpt", status="failed") == []
    assert listed(client, "message", role="user", status="failed") == []


def test_a_list_takes_as_many_queries_for_forty_rows_as_for_two(people: People) -> None:
    client = signed_in(people.bob)

    def queries(model: str, **query: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            listed(client, model, **query)
        return len(captured)

    def add(count: int) -> None:
        for number in range(count):
            owner = User.objects.create_user(f"user-{User.objects.count()}")
            conversation = conversation_of(owner, f"Talk {number}")
            answer(conversation, "Answer", prompt(conversation, "Prompt"))

    add(2)
    models = ("conversation", "message", "generation")
    few = {model: (queries(model), queries(model, q="a", status="completed")) for model in models}
    add(38)
    many = {model: (queries(model), queries(model, q="a", status="completed")) for model in models}

    assert many == few
    # Three of them store who was shown it, three find what to mark, two ask whether it is few.
    assert max(max(counts) for counts in many.values()) <= 9 + 3 + 3 + 2
