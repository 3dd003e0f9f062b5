"""Conversations to be found, and what the lists of the admin say of them."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.test import Client

from chat.models import (
    Conversation,
    Generation,
    Message,
    Role,
    Status,
    User,
)
from tests.admin.staff import list_of

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
LISTS = ["conversation", "message", "generation"]


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
