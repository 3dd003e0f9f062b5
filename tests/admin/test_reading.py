"""The admin: an operator reads what was said."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from chat.models import (
    Conversation,
    Delta,
    LanguageModel,
    Message,
    Role,
    Runner,
    Status,
)
from tests.admin.people import (
    MODELS,
    XSS,
    People,
    answer,
    conversation_of,
    listed,
    page_of,
    path_of,
    prompt,
)
from tests.admin.staff import signed_in


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
