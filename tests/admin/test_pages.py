"""The admin: an operator finds and reads what was said, and can change none of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from chat.models import (
    Conversation,
    Delta,
    Generation,
    LanguageModel,
    Message,
    Role,
    Runner,
    Status,
    User,
)

pytestmark = pytest.mark.django_db

XSS = "<script>alert('you')</script><img src=x onerror=alert(1)>"


@dataclass
class People:
    """Alice chats. Bob reviews. Charlie is staff with no permissions. Root is a superuser."""

    alice: User
    bob: User
    charlie: User
    root: User


@pytest.fixture
def people() -> People:
    bob = User.objects.create_user("bob", is_staff=True)
    allow(bob, "conversation", "message", "generation")
    return People(
        alice=User.objects.create_user("alice"),
        bob=bob,
        charlie=User.objects.create_user("charlie", is_staff=True),
        root=User.objects.create_superuser("root"),
    )


def allow(user: User, *models: str) -> None:
    names = [f"view_{model}" for model in models]
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def listed(client: Client, name: str, /, **query: str) -> list[Any]:
    response = client.get(reverse(f"admin:chat_{name}_changelist"), query)
    assert response.status_code == 200, response
    return list(response.context["cl"].result_list)


def page_of(client: Client, row: Conversation | Message | Generation) -> str:
    response = client.get(path_of(row))
    assert response.status_code == 200, response
    return response.content.decode()


def path_of(row: Conversation | Message | Generation, page: str = "change") -> str:
    return reverse(f"admin:chat_{type(row).__name__.lower()}_{page}", args=[row.pk])


def conversation_of(owner: User, title: str = "About tides") -> Conversation:
    return Conversation.objects.create(owner=owner, title=title, model="gpt")


def prompt(conversation: Conversation, text: str, parent: Message | None = None) -> Message:
    return _message(conversation, Role.USER, text, parent)


def answer(
    conversation: Conversation, text: str, parent: Message, **generation: Any
) -> tuple[Message, Generation]:
    message = _message(conversation, Role.ASSISTANT, text, parent)
    ended = {"status": Status.COMPLETED, "seq": 2, "ended_at": timezone.now(), "model": "gpt"}
    made = Generation.objects.create(
        message=message,
        conversation=conversation,
        owner=conversation.owner,
        **{**ended, **generation},
    )
    conversation.head = message
    conversation.save(update_fields=["head"])
    return message, made


def _message(conversation: Conversation, role: Role, text: str, parent: Message | None) -> Message:
    return Message.objects.create(
        conversation=conversation, role=role, content=text, parent=parent, revision=1
    )


# -- Who may look ----------------------------------------------------------------------------------

MODELS = ["conversation", "message", "generation", "languagemodel", "runner", "user"]


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


# -- Finding ---------------------------------------------------------------------------------------


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


# -- Reading ---------------------------------------------------------------------------------------


def test_a_transcript_shows_who_said_what_and_how_it_went(people: People) -> None:
    conversation = conversation_of(people.alice)
    numbers = {
        "finish_reason": "length",
        "input_tokens": 21,
        "output_tokens": 345,
        "queue_ms": 7,
        "ttft_ms": 850,
        "total_ms": 12_345,
    }
    message, _ = answer(conversation, "One\n  two", prompt(conversation, "Count"), **numbers)
    Message.objects.filter(pk=message.pk).update(reasoning="Numbers are hard")

    page = page_of(signed_in(people.bob), conversation)

    assert '<div class="transcript-text">Count</div>' in page
    assert '<div class="transcript-text">One\n  two</div>' in page
    assert '<div class="transcript-text">Numbers are hard</div>' in page
    for words in ("Completed", "gpt", "21", "345", "7 ms", "850 ms", "12.3 s", "length"):
        assert f">{words}<" in page, words
    assert f'id="message-{message.pk}"' in page


def test_a_failure_shows_its_code_and_the_providers_own_words(people: People) -> None:
    conversation = conversation_of(people.alice)
    failed = {"status": Status.FAILED, "code": "provider_timeout", "detail": "upstream 504 from gw"}
    answer(conversation, "", prompt(conversation, "Hello"), **failed)

    page = page_of(signed_in(people.bob), conversation)

    assert ">Failed<" in page
    assert ">provider_timeout<" in page
    assert "upstream 504 from gw" in page


def test_an_answer_being_written_shows_what_is_stored_of_it(people: People) -> None:
    conversation = conversation_of(people.alice)
    runner = Runner.objects.create(
        id=uuid.uuid4(), name="one", lease_expires_at=timezone.now() + timedelta(seconds=10)
    )
    running = {"status": Status.IN_PROGRESS, "runner": runner, "started_at": timezone.now()}
    live = {**running, "ended_at": None, "seq": 0}
    _, generation = answer(conversation, "", prompt(conversation, "Go on"), **live)
    Delta.objects.append(
        [
            (generation.pk, 1, "reasoning", "hm"),
            (generation.pk, 2, "content", "Once upon"),
            (generation.pk, 3, "content", " a time"),
        ]
    )

    page = page_of(signed_in(people.bob), conversation)

    assert ">Being written<" in page
    assert '<div class="transcript-text">Once upon a time</div>' in page


def test_every_branch_is_shown_and_the_open_one_is_marked(people: People) -> None:
    """Two first prompts; the first was answered twice, and the talk went on from the second answer."""
    conversation = conversation_of(people.alice)
    first = prompt(conversation, "first")
    early, _ = answer(conversation, "early answer", first)
    aside = prompt(conversation, "aside", early)
    late, _ = answer(conversation, "late answer", first)
    more = prompt(conversation, "more", late)
    edited = prompt(conversation, "edited first")
    head, _ = answer(conversation, "the end", more)

    response = signed_in(people.bob).get(path_of(conversation))

    shown = [
        (e.message, e.place.level, e.place.is_on_head_branch, e.place.is_head)
        for e in response.context["transcript"]
    ]
    assert shown == [
        (edited, 1, False, False),
        (first, 0, True, False),
        (early, 1, False, False),
        (aside, 1, False, False),
        (late, 0, True, False),
        (more, 0, True, False),
        (head, 0, True, True),
    ]
    page = response.content.decode()
    assert page.count("version 1 of 2") == page.count("version 2 of 2") == 2
    assert page.count(">other branch<") == 3
    assert page.count(">head<") == 1


def test_a_conversation_thousands_of_messages_deep_is_shown_in_few_queries(people: People) -> None:
    conversation = conversation_of(people.alice)
    parent = None
    rows = []
    for number in range(1500):
        role = Role.ASSISTANT if number % 2 else Role.USER
        parent = Message(
            conversation=conversation,
            role=role,
            content=f"turn {number}",
            parent=parent,
            revision=1,
            created_at=timezone.now() + timedelta(seconds=number),
        )
        rows.append(parent)
    Message.objects.bulk_create(rows)
    Conversation.objects.filter(pk=conversation.pk).update(head=rows[-1])
    client = signed_in(people.bob)

    with CaptureQueriesContext(connection) as captured:
        page = page_of(client, conversation)

    assert len(captured) <= 11 + 3  # three of them store who was shown it
    assert page.index("turn 1300<") < page.index("turn 1400<") < page.index("turn 1499<")
    assert "turn 1299<" not in page


def test_markup_in_what_was_said_stays_text(people: People) -> None:
    people.alice.username = "<b>alice</b>"
    people.alice.save()
    conversation = conversation_of(people.alice, f"Title {XSS}")
    failed = {"status": Status.FAILED, "code": "internal", "detail": f"Detail {XSS}", "model": XSS}
    message, generation = answer(conversation, f"Answer {XSS}", prompt(conversation, XSS), **failed)
    Message.objects.filter(pk=message.pk).update(reasoning=f"Reasoning {XSS}")
    client = signed_in(people.root)

    pages = [page_of(client, row) for row in (conversation, message, generation)]
    lists = [reverse(f"admin:chat_{model}_changelist") for model in MODELS]
    pages += [client.get(path).content.decode() for path in lists]

    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b>alice" not in page
    for part in ("Title", "Answer", "Reasoning", "Detail"):
        assert escape(f"{part} {XSS}") in pages[0]


def test_no_page_of_ours_needs_inline_style_or_script(people: People) -> None:
    conversation = conversation_of(people.alice)
    message, generation = answer(conversation, "A", prompt(conversation, "B"))
    client = signed_in(people.bob)

    for row in (conversation, message, generation):
        page = page_of(client, row)
        assert " style=" not in page
        assert "<style" not in page
        assert " onclick=" not in page


def test_lists_and_pages_link_to_the_place_in_the_transcript(people: People) -> None:
    conversation = conversation_of(people.alice)
    message, generation = answer(conversation, "A", prompt(conversation, "B"))
    client = signed_in(people.bob)
    place = f'href="{path_of(conversation)}?around={message.pk}#message-{message.pk}"'

    assert place in page_of(client, message)
    assert place in page_of(client, generation)
    assert place in client.get(reverse("admin:chat_message_changelist")).content.decode()
    assert place in client.get(reverse("admin:chat_generation_changelist")).content.decode()


def test_the_list_of_conversations_says_how_the_last_answer_went(people: People) -> None:
    conversation = conversation_of(people.alice)
    first = prompt(conversation, "B")
    answer(conversation, "A", first, status=Status.FAILED, code="internal")
    answer(conversation, "A", first, status=Status.INTERRUPTED)
    conversation_of(people.alice, "Empty")

    page = signed_in(people.bob).get(reverse("admin:chat_conversation_changelist")).content.decode()

    assert '<td class="field-last_status">Interrupted: its process ended</td>' in page
    assert '<td class="field-last_status">–</td>' in page


def test_runners_and_models_are_shown(people: People) -> None:
    Runner.objects.create(id=uuid.uuid4(), name="host:1", lease_expires_at=timezone.now())
    LanguageModel.objects.create(name="zai-org/GLM-4.7")
    client = signed_in(people.root)

    assert [runner.name for runner in listed(client, "runner", q="host")] == ["host:1"]
    assert [model.name for model in listed(client, "languagemodel", q="glm")] == ["zai-org/GLM-4.7"]
    path = reverse("admin:chat_languagemodel_change", args=["zai-org/GLM-4.7"])
    assert client.get(path).status_code == 200
