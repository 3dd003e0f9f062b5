"""What is kept of what staff did ends where a policy says so, by `manage.py purge` alone."""

from __future__ import annotations

import io
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from chat.models import Access, Accessed, Export, ExportState, User
from chat.models.access_guard import lifted
from chat.retention import purge, to_purge
from tests.support.at_once import AtOnce


@pytest.fixture(autouse=True)
def policy(settings: Settings) -> Settings:
    settings.ACCESS_RETENTION_DAYS = 365
    settings.EXPORT_RETENTION_DAYS = 90
    return settings


def days_ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def entry(days: float) -> Access:
    return Access.objects.create(
        at=days_ago(days), reader=1, reader_name="bob", what=Accessed.TRANSCRIPT
    )


def export(created: float, moved: float | None = None, **changes: Any) -> Export:
    who, _ = User.objects.get_or_create(username="bob")
    made = Export.objects.create(who=who, what="message", format="csv", **changes)
    at = None if moved is None else days_ago(moved)
    Export.objects.filter(pk=made.pk).update(created_at=days_ago(created), moved_at=at)
    return made


def purged(*arguments: str) -> str:
    said = io.StringIO()
    call_command("purge", *arguments, stdout=said, stderr=io.StringIO())
    return said.getvalue()


def empty_the_log() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM chat_access")


def forget_and_fail() -> None:
    with transaction.atomic(), lifted():
        Access.objects.all().forget()
        raise ZeroDivisionError


def refuses_deletion() -> bool:
    before = Access.objects.count()
    with pytest.raises(DatabaseError, match="append-only"):
        empty_the_log()
    return before == Access.objects.count() > 0


@pytest.mark.usefixtures("either_database")
def test_without_a_policy_both_are_kept_for_ever(settings: Settings) -> None:
    settings.ACCESS_RETENTION_DAYS = settings.EXPORT_RETENTION_DAYS = 0
    entry(10_000)
    export(10_000)

    purged()
    assert (Access.objects.count(), Export.objects.count()) == (1, 1)


@pytest.mark.usefixtures("either_database")
def test_old_entries_go_and_the_log_says_up_to_when(settings: Settings) -> None:
    for days in (400, 366, 365.01):
        entry(days)
    kept = entry(364.9)
    expected = to_purge()
    assert purged("--dry-run").splitlines()[-1].split() == ["access", "log", "3"]
    assert Access.objects.count() == 4
    assert sum(purge(2), Counter()) == expected == {"chat.Access": 3}

    note, first = Access.objects.all()
    assert (first, note.what, note.reader_name) == (kept, Accessed.PURGE, "manage.py purge")
    assert f"{days_ago(365):%Y-%m-%d}" in note.query
    assert refuses_deletion()
    assert list(purge(2)) == []
    assert Access.objects.count() == 2


@pytest.mark.usefixtures("either_database")
def test_the_guard_is_lifted_in_a_transaction_alone_and_is_there_after_it_failed() -> None:
    entry(1)
    with pytest.raises(ZeroDivisionError):
        forget_and_fail()
    assert refuses_deletion()


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_the_guard_is_not_lifted() -> None:
    with pytest.raises(RuntimeError, match="in a transaction only"), lifted():
        pass


@pytest.fixture
def meeting(database_url: str, django_db_blocker: DjangoDbBlocker) -> Iterator[AtOnce]:
    with django_db_blocker.unblock():
        meeting = AtOnce(database_url)
        try:
            yield meeting
        finally:
            meeting.close()


def test_while_it_is_lifted_for_one_nobody_else_deletes_an_entry(meeting: AtOnce) -> None:
    meeting.do(entry, 400)
    kept = meeting.do(entry, 1)

    def cut() -> None:
        with lifted():
            Access.objects.filter(at__lt=days_ago(365)).forget()

    others = meeting.connections[-1]
    with meeting.held(cut):
        emptied = others.begin(empty_the_log)
        meeting.until_waiting(1)
    assert "append-only" in str(emptied.exception())
    assert meeting.do(lambda: list(Access.objects.all())) == [kept]


@pytest.mark.parametrize("either_database", ["postgres"], indirect=True)
@pytest.mark.usefixtures("either_database")
def test_a_role_that_owns_no_table_cuts_no_log() -> None:
    entry(400)
    role = f"chat_{uuid.uuid4().hex}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role}")
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"SET ROLE {role}")
        try:
            with pytest.raises(CommandError, match="must be owner of table chat_access"):
                purged()
        finally:
            cursor.execute("RESET ROLE")
            cursor.execute(f"DROP OWNED BY {role}")
            cursor.execute(f"DROP ROLE {role}")
    assert refuses_deletion()


@pytest.mark.usefixtures("either_database")
def test_rows_about_exports_go_when_they_have_not_moved_for_so_long() -> None:
    export(91)
    began = days_ago(91)
    export(91, 90.5, state=ExportState.DONE, began_at=began)
    moving = export(91, 0.001, state=ExportState.RUNNING, began_at=began)
    recent = export(89)
    assert to_purge() == {"chat.Export": 2}

    purged()
    assert set(Export.objects.all()) == {moving, recent}
