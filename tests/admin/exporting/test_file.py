"""What is in a file that was taken out: all a list has found, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from chat.models import (
    Conversation,
    Generation,
    Message,
    Rating,
    Review,
    ReviewNote,
    Role,
    Status,
    User,
)
from tests.admin.staff import (
    SECRET,
    conversation_of,
    list_of,
    signed_in,
)
from tests.admin.taking import (
    answer_of,
    ask,
    body,
    exporter,
    fetch,
    lines,
    logged,
    prepared,
    table,
    taken,
)


def say(conversation: Conversation, content: str, **fields: Any) -> Message:
    made = {"role": Role.USER, "revision": 1, **fields}
    return Message.objects.create(conversation=conversation, content=content, **made)


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
