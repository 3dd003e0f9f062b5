"""What a search of the admin finds and shows of what was said."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from chat.admin.filter_forms import MOST_CALLED_SO
from chat.models import (
    Access,
    Accessed,
    User,
)
from tests.admin.finding import LISTS, page, rows, talk
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
