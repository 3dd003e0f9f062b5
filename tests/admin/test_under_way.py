"""The list of what is under way keeps itself up to date, and each look is logged as one."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from chat.admin.reason import KEPT_S
from chat.models import Conversation, User
from tests.admin.staff import SECRET, conversation_of, entries, log_without_room, signed_in, staff
from tests.admin.talks import end, queued_in, running_in

PAGE = "admin:chat_generation_under_way"
NOW = "admin:chat_generation_under_way_now"


@pytest.fixture
def client(db: None) -> Client:
    """Give the browser of someone who sees what runs, and reads nothing."""
    return signed_in(staff("olga", "conversation", "generation"))


def opened(client: Client) -> str:
    """Open the page; give the token of what it shows."""
    page = client.get(reverse(PAGE)).content.decode()
    found = re.search(r'data-part="seen" value="([^"]+)"', page)
    assert found
    return found[1]


def look(client: Client, seen: str) -> dict[str, Any]:
    told: dict[str, Any] = asked(client, seen).json()
    return told


def asked(client: Client, seen: str) -> HttpResponse:
    return client.post(reverse(NOW), {"seen": seen})


def test_what_comes_and_goes_shows_with_how_many_there_are(
    client: Client, conversation: Conversation
) -> None:
    running = running_in(conversation, SECRET)
    seen = opened(client)
    waiting = queued_in(conversation)
    told = look(client, seen)
    assert told["rows"].index(str(running.pk)) < told["rows"].index(str(waiting.pk))
    assert told["how_many"] == "Being written: 1. Waiting: 1."
    assert SECRET not in str(told)
    end(running, "Moon")

    told = look(client, told["seen"])
    assert str(running.pk) not in told["rows"]
    assert told["how_many"] == "Being written: 0. Waiting: 1."


def test_what_is_on_the_page_is_logged_when_it_comes_and_not_with_each_look(
    client: Client, conversation: Conversation, alice: User
) -> None:
    first = running_in(conversation)
    seen = opened(client)
    for _ in range(3):
        seen = look(client, seen)["seen"]
    here = ("olga", "generations", conversation.pk, "alice")
    assert entries() == [here]

    other = queued_in(conversation_of(alice, "About plums"))
    queued_in(conversation)
    seen = look(client, seen)["seen"]
    there = ("olga", "generations", other.conversation_id, "alice")
    assert entries() == [here, there]

    end(first, "Moon")
    conversation.generations.all().delete()
    seen = look(client, seen)["seen"]
    queued_in(conversation)
    look(client, seen)
    assert entries() == [here, there, here]


def test_a_token_is_of_one_person_and_ends_after_a_while(
    client: Client, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    running_in(conversation)
    seen = look(client, opened(client))["seen"]
    assert len(entries()) == 1
    look(signed_in(staff("carol", "generation")), seen)
    look(client, f"{seen}x")
    look(client, "")
    assert len(entries()) == 4

    passed = time.time() + KEPT_S + 1
    monkeypatch.setattr(time, "time", lambda: passed)
    seen = look(client, seen)["seen"]
    look(client, seen)
    assert len(entries()) == 5


def test_what_cannot_be_logged_is_not_shown(client: Client, conversation: Conversation) -> None:
    seen = opened(client)
    running_in(conversation)
    with log_without_room():
        answer = asked(client, seen)

    assert (answer.status_code, answer.json()) == (503, {"unrecorded": True})


def test_who_may_not_see_generations_is_refused(conversation: Conversation) -> None:
    running_in(conversation)

    assert asked(signed_in(staff("carol", "message")), "").status_code == 403
    assert asked(Client(), "").status_code == 302
    assert entries() == []
