"""Staff who take out what a list has found."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from chat.models import Access, Accessed, Conversation, Export, Message, Role, User
from tests.admin.staff import staff

ALL = ("conversation", "message", "generation", "access")


def exporter(name: str, *may_view: str) -> User:
    """Make someone who may take out what they may view."""
    user = staff(name, *may_view)
    user.user_permissions.add(Permission.objects.get(codename="export_record"))
    return user


def ask(client: Client, model: str, query: str = "", **chosen: Any) -> HttpResponse:
    page = reverse(f"admin:chat_{model}_export")
    return client.post(f"{page}?{query}", {"format": "jsonl", **chosen})


def prepared(client: Client, model: str, query: str = "", **chosen: Any) -> Export:
    answer = ask(client, model, query, **chosen)
    assert answer.status_code == 302, answer.content
    return Export.objects.get(pk=answer["Location"].split("/")[-3])


def fetch(client: Client, export: Export) -> Any:
    """Begin the download; its body is yet to be taken."""
    return client.post(reverse("admin:chat_export_file", args=[export.pk]))


def body(response: Any) -> bytes:
    """Take all of a download, as a server would."""
    return b"".join(pieces_of(response, lambda: None))


def pieces_of(response: Any, after_the_first: Callable[[], Any]) -> list[bytes]:
    """Take a download piece by piece, and have something happen after the first one."""
    left: list[bytes] = []
    take(response, left, after_the_first)
    return left


def take(response: Any, left: list[bytes], after_the_first: Callable[[], Any]) -> None:
    """Put in `left` what has left, up to what raises."""

    async def all_pieces() -> None:
        async for piece in response.streaming_content:
            left.append(piece)
            if len(left) == 1:
                await sync_to_async(after_the_first)()

    async_to_sync(all_pieces)()


def taken(client: Client, model: str, query: str = "", **chosen: Any) -> str:
    return body(fetch(client, prepared(client, model, query, **chosen))).decode()


def lines(text: str) -> list[dict[str, Any]]:
    """Give the rows of JSON Lines, without the last line, which says that it is whole."""
    *rows, last = [json.loads(line) for line in text.splitlines()]
    assert last == {"end": True, "rows": len(rows)}
    return rows


def table(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def said(response: HttpResponse) -> str:
    return html.unescape(response.content.decode())


def logged() -> list[tuple[Any, ...]]:
    """Give what the access log says of exports, oldest first."""
    rows = Access.objects.filter(what=Accessed.EXPORT).order_by("id")
    return list(rows.values_list("reader_name", "conversation", "owner_name", "query", "reason"))


def answer_of(conversation: Conversation) -> Message:
    return Message.objects.get(conversation=conversation, role=Role.ASSISTANT)
