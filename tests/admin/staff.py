"""Staff who look at what people said, and what the access log says of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import Permission
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chat.models import Access, Conversation, Generation, Message, Role, Status, User

SECRET = "The tide is a secret"


def staff(name: str, *may_view: str) -> User:
    user = User.objects.create_user(name, is_staff=True)
    names = [f"view_{model}" for model in may_view]
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def conversation_of(owner: User, title: str = "About tides") -> Conversation:
    conversation = Conversation.objects.create(owner=owner, title=title)
    prompt = Message.objects.create(
        conversation=conversation, role=Role.USER, content=SECRET, revision=1
    )
    answer = Message.objects.create(
        conversation=conversation, role=Role.ASSISTANT, content="Moon", parent=prompt, revision=2
    )
    Generation.objects.create(
        message=answer,
        conversation=conversation,
        owner=owner,
        status=Status.COMPLETED,
        ended_at=timezone.now(),
        seq=1,
    )
    return conversation


def list_of(client: Client, model: str, /, **query: str) -> HttpResponse:
    return client.get(reverse(f"admin:chat_{model}_changelist"), query)


def page_of(client: Client, row: Any, page: str = "change", **headers: Any) -> HttpResponse:
    name = f"admin:chat_{type(row).__name__.lower()}_{page}"
    return client.get(reverse(name, args=[row.pk]), **headers)


def entries() -> list[tuple[str, str, uuid.UUID | None, str]]:
    """Give who was shown what, of which conversation and whose; oldest first."""
    rows = Access.objects.order_by("id")
    return list(rows.values_list("reader_name", "what", "conversation", "owner_name"))


@contextmanager
def log_without_room(condition: str = "true") -> Iterator[None]:
    """Have SQLite refuse entries of the access log, all or those of which a condition on NEW holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TRIGGER access_full BEFORE INSERT ON chat_access WHEN {condition} "
            "BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER access_full")
