"""How far an export is, and how it ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chat.exporting import StoppedError
from chat.models import (
    Conversation,
    Export,
)
from chat.models.export import LOST_AFTER
from tests.admin.staff import (
    page_of,
)
from tests.admin.taking import (
    body,
    fetch,
    pieces_of,
    prepared,
    said,
    take,
)


def progress(client: Client, export: Export) -> dict[str, Any]:
    told: dict[str, Any] = client.get(
        reverse("admin:chat_export_progress", args=[export.pk])
    ).json()
    return told


def test_it_says_how_far_it_is_and_when_the_file_is_whole(
    client: Client, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.exporting.reading.PIECE_CHARS", 1)
    export = prepared(client, "message")
    assert progress(client, export)["words"] == "Rows: 0 of 2, 0\xa0bytes"
    assert 'value="Download"' in said(page_of(client, export))
    told = []
    pieces = pieces_of(fetch(client, export), lambda: told.append(progress(client, export)))

    assert (told[0]["state"], told[0]["rows"], told[0]["most"]) == ("running", 1, 2)
    told = progress(client, export)
    assert (told["state"], told["rows"], told["is_over"]) == ("done", 2, True)
    export.refresh_from_db()
    assert export.bytes == sum(map(len, pieces))
    assert "Done: the file is whole" in said(page_of(client, export))


def test_what_a_killed_process_left_is_said_to_be_cut(
    client: Client, conversation: Conversation
) -> None:
    fetch(client, export := prepared(client, "message"))
    assert progress(client, export)["state"] == "running"
    Export.objects.update(moved_at=timezone.now() - LOST_AFTER - timedelta(seconds=1))

    assert progress(client, export)["state"] == "cut"


def test_a_cancelled_export_sends_no_more(
    client: Client, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.exporting.reading.PIECE_CHARS", 1)
    download = fetch(client, export := prepared(client, "message"))
    cancel = reverse("admin:chat_export_cancel", args=[export.pk])
    left: list[bytes] = []

    with pytest.raises(StoppedError):
        take(download, left, lambda: client.post(cancel))
    assert len(left) == 1
    assert progress(client, export)["state"] == "cancelled"
    assert progress(client, export)["rows"] == 1


def test_a_file_is_sent_once(client: Client, conversation: Conversation) -> None:
    export = prepared(client, "message", "q=Moon")
    body(fetch(client, export))

    assert fetch(client, export).status_code == 302
    client.post(reverse("admin:chat_export_cancel", args=[export.pk]))
    assert progress(client, export)["state"] == "done"
    page = said(page_of(client, export))
    assert 'href="/admin/chat/message/export/?q=Moon"' in page
    assert "Earlier exports" not in page
    later = said(page_of(client, prepared(client, "message")))
    assert "Earlier exports" in later
    assert str(export.pk) in later


def test_rows_are_counted_up_to_a_limit(
    client: Client, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("counted", "export_progress"):
        monkeypatch.setattr(f"chat.admin.{module}.MOST_COUNTED", 1)
    export = prepared(client, "message")

    told = progress(client, export)
    assert (told["most"], told["words"]) == (None, "Rows: 0 of more than 1, 0\xa0bytes")
    assert "more than 1" in said(client.get(reverse("admin:chat_message_export")))
    body(fetch(client, export))
    assert progress(client, export)["most"] == 2
