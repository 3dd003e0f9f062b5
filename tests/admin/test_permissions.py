"""The admin: who may look, and that nothing said can be changed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from chat.models import (
    Conversation,
    Generation,
    Message,
    Status,
    User,
)
from tests.admin.people import (
    MODELS,
    People,
    allow,
    answer,
    conversation_of,
    listed,
    page_of,
    path_of,
    prompt,
)
from tests.admin.staff import signed_in


@pytest.mark.parametrize("model", MODELS)
def test_someone_who_is_not_staff_is_sent_to_sign_in(people: People, model: str) -> None:
    path = reverse(f"admin:chat_{model}_changelist")

    for client in (Client(), signed_in(people.alice)):
        response = client.get(path)
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("model", MODELS)
def test_staff_without_permission_are_refused(people: People, model: str) -> None:
    assert (
        signed_in(people.charlie).get(reverse(f"admin:chat_{model}_changelist")).status_code == 403
    )


def test_a_conversation_stays_closed_to_whoever_may_not_see_it(people: People) -> None:
    conversation = conversation_of(people.alice)
    message = prompt(conversation, "Secret")
    _, generation = answer(conversation, "Also secret", message)

    for row in (conversation, message, generation):
        assert signed_in(people.charlie).get(path_of(row)).status_code == 403
        assert signed_in(people.alice).get(path_of(row)).status_code == 302


def test_the_right_to_see_conversations_alone_shows_no_message(people: People) -> None:
    allow(people.charlie, "conversation")
    conversation = conversation_of(people.alice)
    answer(conversation, "Also secret", prompt(conversation, "Secret"))
    client = signed_in(people.charlie)

    page = page_of(client, conversation)
    assert "secret" not in page.lower()
    assert "permission to view messages" in page
    assert listed(client, "conversation", q="secret") == []
    assert listed(client, "conversation", q="tides") == [conversation]


def test_the_right_to_see_generations_alone_finds_no_words_of_an_answer(people: People) -> None:
    allow(people.charlie, "generation")
    conversation = conversation_of(people.alice)
    _, generation = answer(conversation, "Also secret", prompt(conversation, "Secret"))
    client = signed_in(people.charlie)

    assert listed(client, "generation", q="secret") == []
    assert listed(client, "generation", q="alice") == [generation]
    assert "secret" not in page_of(client, generation).lower()


def test_the_numbers_and_the_providers_words_take_the_right_to_see_generations(
    people: People,
) -> None:
    allow(people.charlie, "conversation", "message")
    conversation = conversation_of(people.alice)
    failed = {"status": Status.FAILED, "code": "provider_timeout", "detail": "gateway 17 is slow"}
    answer(conversation, "Half", prompt(conversation, "Whole?"), **failed)

    page = page_of(signed_in(people.charlie), conversation)
    assert "Half" in page
    assert "gateway 17" not in page
    assert "gateway 17" in page_of(signed_in(people.bob), conversation)


# -- Nothing changes -------------------------------------------------------------------------------


def test_not_even_a_superuser_adds_changes_or_deletes_what_was_said(people: People) -> None:
    conversation = conversation_of(people.alice)
    message = prompt(conversation, "Said")
    _, generation = answer(conversation, "Answered", message)
    client = signed_in(people.root)

    for row in (conversation, message, generation):
        name = type(row).__name__.lower()
        assert client.get(reverse(f"admin:chat_{name}_add")).status_code == 403
        assert client.post(reverse(f"admin:chat_{name}_add")).status_code == 403
        assert client.post(path_of(row), {"title": "Changed"}).status_code == 403
        assert client.get(path_of(row, "delete")).status_code == 403
        assert client.post(path_of(row, "delete"), {"post": "yes"}).status_code == 403
        action = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
        client.post(reverse(f"admin:chat_{name}_changelist"), action)
    conversation.refresh_from_db()
    assert conversation.title == "About tides"
    assert Message.objects.count() == 2
    assert Generation.objects.count() == 1


def test_a_user_with_conversations_cannot_be_deleted_around_that(people: People) -> None:
    conversation = conversation_of(people.alice)
    client = signed_in(people.root)

    client.post(reverse("admin:chat_user_delete", args=[people.alice.pk]), {"post": "yes"})
    assert Conversation.objects.filter(pk=conversation.pk).exists()

    chosen = {"action": "delete_selected", "_selected_action": [people.alice.pk], "post": "yes"}
    client.post(reverse("admin:chat_user_changelist"), chosen)
    assert User.objects.filter(pk=people.alice.pk).exists()


def test_an_administrator_makes_and_deactivates_accounts(people: People) -> None:
    client = signed_in(people.root)
    password = "correct-horse-battery"
    made = {
        "username": "dora",
        "password1": password,
        "password2": password,
        "usable_password": "true",
    }
    assert client.post(reverse("admin:chat_user_add"), made).status_code == 302

    dora = User.objects.get(username="dora")
    assert dora.check_password(password)
    changed = {"username": "dora", "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    path = reverse("admin:chat_user_change", args=[dora.pk])
    assert client.post(path, changed).status_code == 302
    dora.refresh_from_db()
    assert not dora.is_active
