"""Four people of different rights, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chat.models import (
    Conversation,
    Generation,
    Message,
    Role,
    Status,
    User,
)

XSS = "<script>alert('you')</script><img src=x onerror=alert(1)>"
MODELS = ["conversation", "message", "generation", "languagemodel", "runner", "user"]


@dataclass
class People:
    """Alice chats. Bob reviews. Charlie is staff with no permissions. Root is a superuser."""

    alice: User
    bob: User
    charlie: User
    root: User


def allow(user: User, *models: str) -> None:
    names = [f"view_{model}" for model in models]
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))


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
    return _say(conversation, Role.USER, text, parent)


def answer(
    conversation: Conversation, text: str, parent: Message, **generation: Any
) -> tuple[Message, Generation]:
    message = _say(conversation, Role.ASSISTANT, text, parent)
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


def _say(conversation: Conversation, role: Role, text: str, parent: Message | None) -> Message:
    return Message.objects.create(
        conversation=conversation, role=role, content=text, parent=parent, revision=1
    )
