"""What a list has found is taken out: all of it and nothing else, and not before the access log says so."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any
from unittest.mock import ANY
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from chat.exporting import StoppedError
from chat.models import (
    Access,
    Accessed,
    Conversation,
    Export,
    ExportState,
    Generation,
    Message,
    Rating,
    Review,
    ReviewNote,
    Role,
    Status,
    User,
)
from chat.models.export import LOST_AFTER
from tests.admin.staff import (
    SECRET,
    conversation_of,
    list_of,
    log_without_room,
    page_of,
    signed_in,
    staff,
)
from tests.admin.taking import (
    ask,
    body,
    exporter,
    fetch,
    lines,
    pieces_of,
    prepared,
    table,
    take,
    taken,
)

ALL = ("conversation", "message", "generation", "access")


@pytest.fixture
def bob(db: None) -> User:
    return exporter("bob", *ALL)


def said(response: HttpResponse) -> str:
    return html.unescape(response.content.decode())


def logged() -> list[tuple[Any, ...]]:
    """Give what the access log says of exports, oldest first."""
    rows = Access.objects.filter(what=Accessed.EXPORT).order_by("id")
    return list(rows.values_list("reader_name", "conversation", "owner_name", "query", "reason"))


def say(conversation: Conversation, content: str, **fields: Any) -> Message:
    made = {"role": Role.USER, "revision": 1, **fields}
    return Message.objects.create(conversation=conversation, content=content, **made)


def answer_of(conversation: Conversation) -> Message:
    return Message.objects.get(conversation=conversation, role=Role.ASSISTANT)


# -- What is in the file ---------------------------------------------------------------------------


def test_the_file_has_what_the_list_has_found_and_nothing_else(client: Client, alice: User) -> None:
    wanted, other = conversation_of(alice, "About tides"), conversation_of(alice, "About bread")
    Generation.objects.filter(conversation=other).update(status=Status.FAILED, code="internal")

    found = {
        model: [row["id"] for row in lines(taken(client, model, query))]
        for model, query in (
            ("conversation", "q=tides"),
            ("generation", "status=completed"),
            ("message", "status=completed"),
        )
    }
    listed = list_of(client, "conversation", q="tides").context["cl"].result_list
    assert found["conversation"] == [str(row.pk) for row in listed] == [str(wanted.pk)]
    assert found["generation"] == [str(Generation.objects.get(conversation=wanted).pk)]
    assert found["message"] == [str(answer_of(wanted).pk)]
    assert len(lines(taken(client, "message"))) == 4
    assert lines(taken(client, "message", "q=nowhere")) == []


def test_the_page_and_order_of_a_list_change_nothing(client: Client, alice: User) -> None:
    for _ in range(3):
        conversation_of(alice)

    assert len(lines(taken(client, "conversation", "p=2&o=1&e=1&status=&before=2000-01-01~x"))) == 3


def test_a_conversation_is_taken_out_with_all_that_is_in_it(
    client: Client, conversation: Conversation, alice: User
) -> None:
    prompt = Message.objects.get(conversation=conversation, role=Role.USER)
    answer = answer_of(conversation)
    branch = say(conversation, "Another", role=Role.ASSISTANT, parent=prompt, revision=3)
    Conversation.objects.filter(pk=conversation.pk).update(
        head=branch, tags=["sea"], params={"temperature": 0.5}
    )
    Generation.objects.update(output_tokens=7, cost="0.25", detail="Overloaded")
    Rating.objects.create(user=alice, message=answer, value="down", comment="Too short")

    (row,) = lines(taken(client, "conversation"))
    assert (row["owner"], row["title"], row["tags"]) == ("alice", "About tides", ["sea"])
    assert (row["head"], row["params"]) == (str(branch.pk), {"temperature": 0.5})
    messages = {message["id"]: message for message in row["messages"]}
    assert [message["content"] for message in row["messages"]] == [SECRET, "Moon", "Another"]
    assert messages[str(branch.pk)]["parent"] == str(prompt.pk)
    assert messages[str(answer.pk)]["rating"] == "down"
    assert messages[str(answer.pk)]["rating_comment"] == "Too short"
    (generation,) = messages[str(answer.pk)]["generations"]
    assert (generation["status"], generation["output_tokens"]) == ("completed", 7)
    assert (generation["cost"], generation["detail"]) == (0.25, "Overloaded")
    assert messages[str(prompt.pk)]["generations"] == []


def test_the_queue_of_reviews_is_taken_out_as_its_list_shows_it(
    conversation: Conversation, bob: User
) -> None:
    answer = answer_of(conversation)
    review = Review.objects.create(
        message=answer, conversation=conversation, failed=True, code="internal"
    )
    ReviewNote.objects.create(
        review=review, author=bob.pk, author_name="bob", text="Ask a@b.example"
    )
    done = Message.objects.get(conversation=conversation, role=Role.USER)
    Review.objects.create(
        message=done, conversation=conversation, resolved_at=timezone.now(), outcome="fine"
    )
    client = signed_in(exporter("carol", "review", "message", "generation"))

    (row,) = lines(taken(client, "review", redacted="on"))
    assert (row["message"], row["failed"], row["code"]) == (str(answer.pk), True, "internal")
    assert (row["prompt"], row["answer"]) == (SECRET, "Moon")
    assert [note["text"] for note in row["notes"]] == ["Ask [e-mail]"]
    assert len(table(taken(client, "review", "state=all", format="csv"))) == 2
    assert {entry[1] for entry in logged()} == {None, conversation.pk}
    dave = signed_in(exporter("dave", "review", "message"))
    (row,) = lines(taken(dave, "review"))
    assert row["code"] is None
    assert ask(signed_in(exporter("eve", "review")), "review").status_code == 403


def test_a_spreadsheet_has_a_row_for_each_and_numbers_as_numbers(
    client: Client, conversation: Conversation
) -> None:
    Generation.objects.update(output_tokens=7, cost="0.25", params={"temperature": 0.5})
    Message.objects.filter(role=Role.USER).update(content='Привет, "мир"\r\nи ещё')

    (generation,) = table(taken(client, "generation", format="csv"))
    assert (generation["output_tokens"], generation["cost"]) == ("7", "0.250000")
    assert (generation["params"], generation["input_tokens"]) == ('{"temperature":0.5}', "")
    assert generation["conversation"] == str(conversation.pk)
    text = taken(client, "message", format="csv")
    assert '"Привет, ""мир""\r\nи ещё"' in text
    assert [row["content"] for row in table(text)] == ['Привет, "мир"\r\nи ещё', "Moon"]
    (row,) = table(taken(client, "conversation", format="csv"))
    assert (row["title"], row["owner"], row["deleted_at"]) == ("About tides", "alice", "")
    assert table(taken(client, "message", "q=nowhere", format="csv")) == []


def test_no_text_is_a_formula_to_a_spreadsheet(client: Client, conversation: Conversation) -> None:
    beginnings = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"]
    for text in [*beginnings, "1-1", "a=b"]:
        say(conversation, text)

    cells = {row["content"] for row in table(taken(client, "message", format="csv"))}
    assert {f"'{text}" for text in beginnings} | {"1-1", "a=b"} <= cells
    assert not cells & set(beginnings)
    assert "=1+1" in {row["content"] for row in lines(taken(client, "message"))}


def test_a_file_longer_than_a_piece_is_whole_and_in_order(
    client: Client, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.exporting.reading.ROWS_AT_ONCE", 3)
    monkeypatch.setattr("chat.exporting.reading.PIECE_CHARS", 200)
    monkeypatch.setattr("chat.exporting.nested.MESSAGES_AT_ONCE", 2)
    monkeypatch.setattr("chat.exporting.keys.pages_of_keys.__defaults__", (4,))
    at = timezone.now() - timedelta(hours=1)
    # Some of the same moment: the key tells them apart.
    for number in range(20):
        say(conversation, f"n{number:02}", created_at=at + timedelta(seconds=number // 3))
    other = conversation_of(conversation.owner, "Other")

    rows = lines(taken(client, "message"))
    assert len({row["id"] for row in rows}) == len(rows) == 24
    times = [row["created_at"] for row in rows]
    assert times == sorted(times)
    whole = {row["id"]: row["messages"] for row in lines(taken(client, "conversation"))}
    assert {key: len(messages) for key, messages in whole.items()} == {
        str(conversation.pk): 22,
        str(other.pk): 2,
    }
    assert len(table(taken(client, "generation", format="csv"))) == 2


def test_what_is_written_after_it_began_is_not_in_it_and_what_is_deleted_is_gone(
    client: Client, conversation: Conversation, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.exporting.reading.PIECE_CHARS", 1)
    doomed = conversation_of(alice, "Doomed")
    whole, flat = prepared(client, "conversation"), prepared(client, "message")
    downloads = [fetch(client, export) for export in (whole, flat)]
    late = timezone.now() + timedelta(seconds=1)
    say(conversation, "Said later", created_at=late)
    newer = conversation_of(alice, "Newer")
    Message.objects.filter(conversation=newer).update(created_at=late)
    Conversation.objects.filter(pk=newer.pk).update(created_at=late)
    doomed.delete()

    conversations, messages = (lines(body(download).decode()) for download in downloads)
    assert [row["id"] for row in conversations] == [str(conversation.pk)]
    assert [message["content"] for message in conversations[0]["messages"]] == [SECRET, "Moon"]
    assert [row["content"] for row in messages] == [SECRET, "Moon"]


def test_personal_data_and_keys_are_taken_out_where_that_is_asked(
    client: Client, conversation: Conversation, alice: User, settings: Settings
) -> None:
    settings.EVOLUTION_API_KEY = "our-own-very-plain-key"
    planted = "alice@example.org 8 (916) 123-45-67 4111 1111 1111 1111 our-own-very-plain-key"
    marks = "[e-mail] [phone] [card] [key]"
    Conversation.objects.update(title=planted, params={"stop": [planted], "top_p": 0.5})
    Message.objects.update(content=planted, reasoning=planted)
    Generation.objects.update(detail=planted)
    Rating.objects.create(user=alice, message=answer_of(conversation), comment=planted)

    for model in ("conversation", "message", "generation"):
        for kind in ("csv", "jsonl"):
            text = taken(client, model, format=kind, redacted="on")
            assert marks in text, (model, kind)
            assert "example.org" not in text
            assert "our-own" not in text
            assert "4111" not in text
            assert planted in taken(client, model, format=kind)
    (row,) = lines(taken(client, "conversation", redacted="on"))
    (message,) = [each for each in row["messages"] if each["rating_comment"]]
    assert [message[name] for name in ("content", "reasoning", "rating_comment")] == [marks] * 3
    assert row["params"] == {"stop": [marks], "top_p": 0.5}
    log = taken(client, "access", f"q={alice.username}", redacted="on")
    assert row["id"] in log


# -- Who may ---------------------------------------------------------------------------------------


def test_it_takes_a_right_that_reviewers_do_not_have(conversation: Conversation) -> None:
    carol = staff("carol")
    carol.groups.add(Group.objects.get(name="reviewer"))
    client = signed_in(carol)

    assert "/export/" not in said(list_of(client, "message"))
    assert client.get(reverse("admin:chat_message_export")).status_code == 403
    assert ask(client, "message").status_code == 403
    assert list_of(client, "export").status_code == 403
    assert not Export.objects.exists()
    assert 'href="/admin/chat/message/export/?q=Moon"' in said(
        list_of(signed_in(exporter("dave", "message")), "message", q="Moon")
    )


def test_nobody_takes_out_what_they_may_not_view(conversation: Conversation) -> None:
    client = signed_in(exporter("carol", "conversation"))
    for model in ("message", "generation", "access"):
        assert ask(client, model).status_code == 403

    (row,) = lines(taken(client, "conversation"))
    assert row["title"] == "About tides"
    assert "messages" not in row
    reader = signed_in(exporter("dave", "conversation", "message"))
    (row,) = lines(taken(reader, "conversation"))
    assert [message["content"] for message in row["messages"]] == [SECRET, "Moon"]
    assert not [message for message in row["messages"] if "generations" in message]


def test_a_right_that_was_taken_away_ends_what_was_prepared(
    client: Client, bob: User, conversation: Conversation
) -> None:
    export = prepared(client, "message")
    bob.user_permissions.remove(*bob.user_permissions.filter(codename="view_message"))

    assert fetch(client, export).status_code == 403
    assert Export.objects.get().state == ExportState.READY
    assert logged() == []


def test_an_account_that_is_closed_meanwhile_gets_no_more(
    client: Client, bob: User, conversation: Conversation
) -> None:
    download = fetch(client, prepared(client, "message"))
    User.objects.filter(pk=bob.pk).update(is_active=False)

    with pytest.raises(StoppedError):
        body(download)
    assert logged() == []


def test_an_export_is_its_owners_alone(client: Client, conversation: Conversation) -> None:
    export = prepared(client, "message")
    stranger = signed_in(exporter("eve", *ALL))

    assert fetch(stranger, export).status_code == 404
    for page in ("progress", "cancel"):
        path = reverse(f"admin:chat_export_{page}", args=[export.pk])
        assert stranger.post(path).status_code == 404
    assert str(export.pk) not in said(list_of(stranger, "export"))
    assert page_of(stranger, export).status_code == 302
    assert str(export.pk) in said(list_of(client, "export"))
    root = signed_in(User.objects.create_superuser("root"))
    assert str(export.pk) in said(list_of(root, "export"))
    assert 'value="Download"' not in said(page_of(root, export))
    assert fetch(root, export).status_code == 404
    assert Export.objects.get().state == ExportState.READY


def test_a_link_from_elsewhere_begins_no_download(
    client: Client, conversation: Conversation
) -> None:
    export = prepared(client, "message")
    path = reverse("admin:chat_export_file", args=[export.pk])

    assert client.get(path).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(path).status_code == 403
    assert Export.objects.get().state == ExportState.READY


@pytest.mark.parametrize("query", ["nonsense=1", "since=yesterday", "status=lost"])
def test_what_a_list_does_not_find_is_not_exported(client: Client, query: str) -> None:
    """The list itself says what is wrong with it."""
    answer = ask(client, "message", query)

    assert answer["Location"] == f"/admin/chat/message/?{query}"
    assert 'class="errornote"' in said(client.get(answer["Location"]))
    assert ask(client, "message", f"q={'a' * 5000}").status_code == 400
    assert not Export.objects.exists()


# -- The access log --------------------------------------------------------------------------------


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


# -- How far it is ---------------------------------------------------------------------------------


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
