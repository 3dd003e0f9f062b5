"""Nothing is taken out before the access log says so."""

from __future__ import annotations

from unittest.mock import ANY
from urllib.parse import urlencode

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from chat.models import (
    Access,
    Accessed,
    Conversation,
    Export,
    ExportState,
    User,
)
from tests.admin.staff import (
    SECRET,
    conversation_of,
    log_without_room,
    page_of,
    signed_in,
)
from tests.admin.taking import (
    ask,
    fetch,
    lines,
    logged,
    prepared,
    said,
    take,
    taken,
)


def test_each_conversation_in_it_is_written_down_once_with_query_and_reason(
    client: Client, alice: User, bob: User, settings: Settings
) -> None:
    settings.ACCESS_REASON = "required"
    first, second = conversation_of(alice), conversation_of(bob)
    query = urlencode({"q": "Moon"})
    taken(client, "message", query, reason="complaint 17")

    assert logged()[0] == ("bob", None, "", "q=Moon", "")
    assert {*logged()[1:]} == {
        ("bob", first.pk, "alice", "q=Moon", "complaint 17"),
        ("bob", second.pk, "bob", "q=Moon", "complaint 17"),
    }
    assert len(logged()) == 3
    address = Access.objects.filter(what=Accessed.EXPORT).values_list("address", flat=True)
    assert {*address} == {"127.0.0.1"}


def test_the_person_concerned_sees_it(
    client: Client, alice: User, conversation: Conversation, settings: Settings
) -> None:
    settings.ACCESS_SHOWN = True
    taken(client, "conversation")

    assert "About tides" in said(signed_in(alice).get("/accounts/access/"))


def test_the_log_itself_is_taken_out_with_one_entry_that_names_nobody(
    client: Client, conversation: Conversation
) -> None:
    page_of(client, conversation)
    (row,) = lines(taken(client, "access", "what=transcript"))

    assert (row["reader"], row["what"], row["owner"]) == ("bob", "transcript", "alice")
    assert (row["conversation"], row["at"]) == (str(conversation.pk), ANY)
    assert logged() == [("bob", None, "", "what=transcript", "")]


@pytest.mark.parametrize("model", ["conversation", "message", "generation"])
def test_what_cannot_be_written_down_does_not_leave(
    client: Client, conversation: Conversation, model: str
) -> None:
    download = fetch(client, prepared(client, model, format="csv"))
    left: list[bytes] = []

    no_export = log_without_room("NEW.conversation IS NOT NULL AND NEW.what = 'export'")
    with no_export, pytest.raises(DatabaseError, match="no room"):
        take(download, left, lambda: None)
    assert left[0].startswith(b"\xef\xbb\xbfid,")
    assert b"tides" not in b"".join(left)
    assert SECRET.encode() not in b"".join(left)
    export = Export.objects.get()
    assert (export.state, export.rows) == (ExportState.FAILED, 0)


def test_a_reason_is_asked_as_the_policy_says(
    client: Client, conversation: Conversation, settings: Settings
) -> None:
    page = reverse("admin:chat_message_export")
    assert 'name="reason"' not in said(client.get(page))
    settings.ACCESS_REASON = "optional"
    assert 'name="reason"' in said(client.get(page))
    assert ask(client, "message").status_code == 302

    settings.ACCESS_REASON = "required"
    for reason in ("", "   "):
        assert ask(client, "message", reason=reason).status_code == 200
    assert ask(client, "message", reason="complaint").status_code == 302
    assert [*Export.objects.order_by("created_at").values_list("reason", flat=True)] == [
        "",
        "complaint",
    ]
    assert logged() == []
