"""The access log: staff are shown what people said only after an entry says so, and nobody changes an entry."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import uuid
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from chat.models import (
    Access,
    Accessed,
    AppendOnlyError,
    Conversation,
    Generation,
    Message,
    User,
)
from tests.admin.staff import (
    SECRET,
    conversation_of,
    entries,
    list_of,
    log_without_room,
    page_of,
    signed_in,
    staff,
)
from tests.support.environment import clean_environment
from tests.support.paths import ROOT


def entry(**changes: Any) -> Access:
    values = {"reader": 1, "reader_name": "bob", "what": Accessed.TRANSCRIPT, **changes}
    return Access.objects.create(**values)


# -- What is written down --------------------------------------------------------------------------


def test_reading_a_transcript_says_who_read_whose_when_and_from_where(
    client: Client, bob: User, alice: User, conversation: Conversation
) -> None:
    answer = page_of(client, conversation, REMOTE_ADDR="203.0.113.9")

    assert SECRET in answer.content.decode()
    (entry,) = Access.objects.all()
    assert (entry.reader, entry.reader_name) == (bob.pk, "bob")
    assert (entry.owner, entry.owner_name) == (alice.pk, "alice")
    assert (entry.what, entry.conversation) == (Accessed.TRANSCRIPT, conversation.pk)
    assert entry.address == "203.0.113.9"
    assert abs((timezone.now() - entry.at).total_seconds()) < 60


def test_behind_proxies_the_address_is_the_one_they_vouch_for(
    client: Client, conversation: Conversation, settings: Settings
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    said = "198.51.100.1, 203.0.113.9, 10.0.0.2"
    page_of(client, conversation, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=said)
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    page_of(client, conversation, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=said)

    addresses = Access.objects.order_by("id").values_list("address", flat=True)
    assert list(addresses) == ["203.0.113.9", "10.0.0.1"]


def test_each_page_that_shows_something_is_written_down_as_what_it_shows(
    client: Client, conversation: Conversation
) -> None:
    message = Message.objects.filter(conversation=conversation).latest("created_at")
    generation = Generation.objects.get(conversation=conversation)

    for row in (message, generation):
        assert page_of(client, row).status_code == 200
    for row in (conversation, message, generation):
        assert page_of(client, row, "history").status_code == 200
    for model in ("conversation", "message", "generation"):
        assert list_of(client, model).status_code == 200

    of_rows = ["message", "generation", "conversation", "message", "generation"]
    of_lists = ["conversations", "messages", "generations"]
    assert entries() == [("bob", what, conversation.pk, "alice") for what in of_rows + of_lists]


def test_a_list_names_each_conversation_it_shows_once(
    client: Client, alice: User, bob: User
) -> None:
    first, second = conversation_of(alice), conversation_of(bob)
    list_of(client, "message")

    assert {*entries()} == {
        ("bob", "messages", first.pk, "alice"),
        ("bob", "messages", second.pk, "bob"),
    }
    assert len(entries()) == 2


def test_a_search_is_written_down_with_its_words_even_if_it_finds_nothing(
    client: Client, conversation: Conversation
) -> None:
    list_of(client, "conversation", q="tides")
    list_of(client, "message", q="nowhere to be found")

    assert entries() == [
        ("bob", "conversations", conversation.pk, "alice"),
        ("bob", "messages", None, ""),
    ]
    assert [*Access.objects.order_by("id").values_list("query", flat=True)] == [
        "tides",
        "nowhere to be found",
    ]


def test_a_search_of_any_length_is_written_down(client: Client, conversation: Conversation) -> None:
    assert list_of(client, "message", q="a" * 5000 + "\x00").status_code == 200

    assert len(entries()) == 1


def test_who_may_see_no_messages_is_not_said_to_have_read_any(
    conversation: Conversation,
) -> None:
    page_of(signed_in(staff("charlie", "conversation")), conversation)

    assert entries() == [("charlie", "conversation", conversation.pk, "alice")]


def test_who_is_refused_has_read_nothing(conversation: Conversation) -> None:
    client = signed_in(staff("charlie"))

    assert page_of(client, conversation).status_code == 403
    assert list_of(client, "message").status_code == 403
    assert entries() == []


def test_titles_are_not_to_be_had_around_the_log(conversation: Conversation) -> None:
    """Django completes names of whatever a foreign key points to."""
    client = signed_in(User.objects.create_superuser("root"))
    for field in ("conversation", "parent"):
        asked = {"app_label": "chat", "model_name": "message", "field_name": field, "term": ""}
        assert client.get(reverse("admin:autocomplete"), asked).status_code == 403


def test_a_superuser_is_written_down_as_anyone_is(conversation: Conversation) -> None:
    page_of(signed_in(User.objects.create_superuser("root")), conversation)

    assert entries() == [("root", "transcript", conversation.pk, "alice")]


def test_without_an_entry_nothing_is_shown(client: Client, conversation: Conversation) -> None:
    message = Message.objects.filter(conversation=conversation).earliest("created_at")
    generation = Generation.objects.get(conversation=conversation)
    rows = (conversation, message, generation)
    with log_without_room():
        answers = [page_of(client, row, page) for row in rows for page in ("change", "history")]
        answers += [list_of(client, model) for model in ("conversation", "message", "generation")]

    for answer in answers:
        page = answer.content.decode()
        assert answer.status_code == 503
        assert "Who reads what is written down first" in page
        assert SECRET not in page
        assert "tides" not in page
    assert entries() == []


# -- Nothing changes -------------------------------------------------------------------------------


def test_what_a_deleted_account_read_stays_and_what_was_read_of_it(
    client: Client, alice: User, bob: User, conversation: Conversation
) -> None:
    page_of(client, conversation)
    read = conversation.pk
    Generation.objects.all().delete()
    conversation.delete()
    alice.delete()
    bob.delete()

    assert entries() == [("bob", "transcript", read, "alice")]


@pytest.mark.django_db
def test_the_models_refuse_to_change_an_entry() -> None:
    row = entry()
    row.reason = "another"

    for change in (
        row.save,
        row.delete,
        Access.objects.all().delete,
        lambda: Access.objects.update(reason="another"),
        lambda: Access.objects.bulk_update([row], ["reason"]),
        lambda: Access(pk=row.pk, reader=2, reader_name="eve").save(force_update=True),
    ):
        with pytest.raises((AppendOnlyError, ValueError)), transaction.atomic():
            change()
    assert Access.objects.get().reason == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", ["UPDATE chat_access SET reason = 'another'", "DELETE FROM chat_access"]
)
def test_sqlite_refuses_to_change_an_entry(statement: str) -> None:
    entry()

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert Access.objects.get().reason == ""


@pytest.mark.django_db
def test_an_entry_is_not_stored_over_another() -> None:
    row = entry()

    with pytest.raises(IntegrityError), transaction.atomic():
        Access(pk=row.pk, reader=2, reader_name="eve", what=Accessed.MESSAGE).save()
    assert Access.objects.get().reader_name == "bob"


def test_postgresql_refuses_to_change_an_entry_before_and_after_migrating(
    postgres_url: str,
) -> None:
    refuse_changes(postgres_url)
    for target in ("0008", "0009"):
        migrate_to(postgres_url, target)
    refuse_changes(postgres_url)


def test_sqlite_has_its_guard_again_after_migrating(sqlite_url: str) -> None:
    for target in ("0008", "0009"):
        migrate_to(sqlite_url, target)

    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as database:
        rows = database.execute("SELECT name FROM sqlite_master WHERE tbl_name = 'chat_access'")
        assert {"access_no_update", "access_no_delete"} <= {name for (name,) in rows}


def refuse_changes(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as database:
        database.execute(
            "INSERT INTO chat_access (reader, reader_name, what, owner_name, reason, query, address)"
            " VALUES (1, 'bob', 'transcript', 'alice', '', '', '')"
        )
        for statement in (
            "UPDATE chat_access SET reason = 'another'",
            "DELETE FROM chat_access",
            "TRUNCATE chat_access",
            "TRUNCATE chat_access CASCADE",
        ):
            with pytest.raises(psycopg.errors.IntegrityError, match="append-only"):
                database.execute(statement)
        assert database.execute("SELECT reason, at <= now() FROM chat_access").fetchall() == [
            ("", True)
        ]


def migrate_to(url: str, target: str) -> None:
    command = [sys.executable, "manage.py", "migrate", "chat", target, "--verbosity", "0"]
    env = clean_environment({"DATABASE_URL": url, "DJANGO_INSECURE_HTTP": "1"})
    subprocess.run(command, cwd=ROOT, env=env, check=True)


# -- Looking at the log ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_not_even_a_superuser_adds_changes_or_deletes_an_entry() -> None:
    row = entry()
    client = signed_in(User.objects.create_superuser("root"))

    assert client.post(reverse("admin:chat_access_add"), {"reader": 1}).status_code == 403
    for page in ("change", "delete"):
        path = reverse(f"admin:chat_access_{page}", args=[row.pk])
        assert client.post(path, {"reason": "another", "post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
    client.post(reverse("admin:chat_access_changelist"), chosen)
    assert Access.objects.get().reason == ""
    assert page_of(client, row).status_code == 200


def test_to_read_the_log_takes_a_right_of_its_own(client: Client) -> None:
    assert list_of(client, "access").status_code == 403
    auditor = signed_in(staff("charlie", "access"))
    assert list_of(auditor, "access").status_code == 200
    assert list_of(auditor, "conversation").status_code == 403


@pytest.mark.django_db
def test_an_entry_is_found_by_reader_owner_conversation_kind_and_date() -> None:
    wanted = entry(owner_name="alice", conversation=uuid.uuid4())
    other = entry(reader_name="eve", owner_name="mallory", what=Accessed.MESSAGE)
    auditor = staff("charlie", "access")
    staff("bob")
    client = signed_in(auditor)

    def found(**query: str) -> list[Access]:
        return list(list_of(client, "access", **query).context["cl"].result_list)

    assert found() == [other, wanted]
    for query in ("alice", "bob", str(wanted.conversation), "bob alice"):
        assert found(q=query) == [wanted], query
    for query in ("ali", "nobody", str(uuid.uuid4()), "bob mallory"):
        assert found(q=query) == [], query
    assert found(reader="bob") == [wanted]
    assert found(what="message") == [other]
    today = timezone.now().date()
    assert found(since=str(today), until=str(today)) == [other, wanted]
    assert found(until=str(today - timedelta(days=1))) == []


@pytest.mark.django_db
def test_the_log_is_looked_at_by_its_indexes_and_never_counted_whole() -> None:
    Access.objects.bulk_create(
        Access(reader=n % 9, reader_name=f"staff-{n % 9}", what=Accessed.MESSAGE) for n in range(60)
    )
    client = signed_in(staff("charlie", "access"))
    for query in (
        {},
        {"q": "staff-3"},
        {"q": str(uuid.uuid4())},
        {"reader": "charlie"},
        {"what": "message"},
    ):
        with CaptureQueriesContext(connection) as captured:
            assert list_of(client, "access", **query).status_code == 200
        statements = [q["sql"] for q in captured if 'FROM "chat_access"' in q["sql"]]
        assert not any("COUNT" in sql for sql in statements)
        # The other reads the page's rows by their keys.
        statements = [sql for sql in statements if "LIMIT" in sql]
        assert statements
        for sql in statements:
            plan = explained(sql)
            # A walk along an index, or from the newest row until a page is full.
            assert "USE TEMP B-TREE" not in plan or "MULTI-INDEX OR" in plan, plan
            if query:
                assert "USING INDEX access_of" in plan or "COVERING INDEX access_of" in plan, plan


def explained(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return "\n".join(str(row[3]) for row in cursor.fetchall())
