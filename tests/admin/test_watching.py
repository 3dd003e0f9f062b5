"""Staff watch an answer while it is written: what is stored of it, once the access log says so."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from chat.admin.reason import KEPT_S
from chat.models import Access, Conversation, Generation
from tests.admin.staff import entries, log_without_room, page_of, signed_in, staff
from tests.admin.talks import end, queued_in, running_in, write


def look(client: Client, generation: Generation, status: int = 200, **query: Any) -> dict[str, Any]:
    answer = client.get(reverse("admin:chat_generation_live", args=[generation.pk]), query)
    assert answer.status_code == status, answer
    told: dict[str, Any] = answer.json()
    return told


def watches() -> int:
    return Access.objects.filter(what="watch").count()


def test_it_gives_what_is_stored_and_then_what_came_since(
    client: Client, conversation: Conversation
) -> None:
    generation = running_in(conversation, "Once", " upon")
    first = look(client, generation)
    write(generation, 3, " a time")
    more = look(client, generation, after=first["seq"], watch=first["watch"])
    again = look(client, generation, after=more["seq"], watch=first["watch"])

    assert (first["content"], first["seq"], first["live"]) == ("Once upon", 2, True)
    assert (more["content"], more["seq"]) == (" a time", 3)
    assert (again["content"], again["seq"]) == ("", 3)


def test_one_watch_is_one_entry_and_another_is_another(
    client: Client, conversation: Conversation
) -> None:
    generation = running_in(conversation, "Once")
    token = look(client, generation)["watch"]
    for _ in range(3):
        look(client, generation, watch=token)
    assert entries() == [("bob", "watch", conversation.pk, "alice")]
    look(client, generation)

    assert watches() == 2


def test_a_watch_is_of_one_person_and_one_answer_and_ends_after_a_while(
    client: Client, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = running_in(conversation, "Once")
    other = queued_in(conversation)
    token = look(client, generation)["watch"]
    carol = signed_in(staff("carol", "message", "generation"))
    look(carol, generation, watch=token)
    look(client, other, watch=token)
    look(client, generation, watch=f"{token}x")
    assert watches() == 4

    passed = signing.time.time() + KEPT_S + 1
    monkeypatch.setattr(signing.time, "time", lambda: passed)
    look(client, generation, watch=token)
    assert watches() == 5


def test_without_an_entry_no_word_is_given(client: Client, conversation: Conversation) -> None:
    generation = running_in(conversation, "Once")
    with log_without_room():
        assert look(client, generation, 503) == {"unrecorded": True}


def test_where_a_reason_is_required_it_is_asked_before_a_word_is_given(
    client: Client, conversation: Conversation, settings: Settings
) -> None:
    settings.ACCESS_REASON = "required"
    generation = running_in(conversation, "Once")
    asked = look(client, generation, 403)
    assert set(asked) == {"ask"}
    assert entries() == []
    answered = client.post(asked["ask"], {"reason": "complaint"})

    assert answered["Location"] == reverse("admin:chat_generation_change", args=[generation.pk])
    assert look(client, generation)["content"] == "Once"
    assert Access.objects.get().reason == "complaint"


def test_who_may_not_read_is_told_how_it_stands_and_no_word(
    conversation: Conversation,
) -> None:
    generation = running_in(conversation, "Once")
    operator = signed_in(staff("olga", "generation"))

    assert look(operator, generation) == {
        "live": True,
        "stopping": False,
        "state": "in_progress",
        "status": "Being written",
    }
    end(generation, "Once and for all", output_tokens=321)
    told = look(operator, generation)
    assert ">321<" in told["attempt"]
    assert "Once" not in str(told)
    assert entries() == []


def test_who_may_not_see_generations_watches_none(conversation: Conversation) -> None:
    generation = running_in(conversation, "Once")
    path = reverse("admin:chat_generation_live", args=[generation.pk])

    assert signed_in(staff("carol", "message")).get(path).status_code == 403
    assert Client().get(path).status_code == 302
    assert signed_in(conversation.owner).get(path).status_code == 302


def test_the_end_brings_the_whole_text_and_the_numbers(
    client: Client, conversation: Conversation
) -> None:
    generation = running_in(conversation, "Once")
    token = look(client, generation)["watch"]
    end(generation, "Once upon a time", output_tokens=321, finish_reason="stop")
    told = look(client, generation, after=1, watch=token)

    assert (told["live"], told["content"], told["status"]) == (
        False,
        "Once upon a time",
        "Completed",
    )
    assert ">321<" in told["attempt"]
    assert ">stop<" in told["attempt"]


@pytest.mark.parametrize("after", ["", "-1", "x", "1" * 40, "1.5"])
def test_a_place_that_is_none_is_the_beginning(
    client: Client, conversation: Conversation, after: str
) -> None:
    generation = running_in(conversation, "Once")

    assert look(client, generation, after=after)["content"] == "Once"


def test_the_pages_say_from_where_to_watch_on(client: Client, conversation: Conversation) -> None:
    generation = running_in(conversation, "Once", " upon")
    path = reverse("admin:chat_generation_live", args=[generation.pk])

    transcript = page_of(client, conversation).content.decode()
    assert f'data-live="{path}" data-seq="2"' in transcript
    assert '<div class="transcript-text">Once upon</div>' in transcript
    own = page_of(client, generation).content.decode()
    assert f'data-live="{path}" data-seq="0"' in own
    assert "Once" not in own
