"""`manage.py purge`: what is past its time goes, whole; nothing else does."""

import io
import os
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from chat import conversations
from chat.generation.admission import Limits, claim
from chat.generation.live import Outcome
from chat.generation.record import Ending, end_generations, store_deltas
from chat.management.commands import purge as command
from chat.models import (
    Conversation,
    Delta,
    Generation,
    Message,
    Rating,
    Review,
    Runner,
    SearchEntry,
    Share,
    Status,
    User,
)
from chat.protocol import ConversationDelete, ConversationShare, MessageRate, MessageSend
from chat.retention import purge, to_purge
from tests.support.environment import clean_environment
from tests.support.paths import ROOT

pytestmark = pytest.mark.django_db(transaction=True)

LIMITS = Limits(parallel=100, per_user=100)
EVERY_MODEL = (Conversation, Message, Generation, Delta, Rating, Review, SearchEntry, Share)


@pytest.fixture
def alice() -> User:
    return User.objects.create(username="alice")


@pytest.fixture
def runner() -> uuid.UUID:
    runner_id = uuid.uuid4()
    Runner.objects.enlist(runner_id, "host:1")
    return runner_id


def asked(user: User, prompt: str = "Hello") -> Generation:
    sent = MessageSend(message=uuid.uuid4(), content=prompt, conversation=None)
    return Generation.objects.get(pk=conversations.submit(user.pk, sent, uuid.uuid4()).generation)


def talked(user: User, runner: uuid.UUID) -> Conversation:
    """Write a conversation with an answer, its log, a rating and a link."""
    generation = asked(user)
    claim(runner, LIMITS)
    store_deltas(runner, [(generation.pk, 1, "content", "Hi")])
    place = generation.pk, generation.conversation_id
    end_generations(runner, [Ending(*place, 2, "Hi", "", Outcome(status=Status.COMPLETED))])
    units = conversations.UNITS
    units[MessageRate](user.pk, MessageRate(message=generation.message_id, rating="down"))
    units[ConversationShare](user.pk, ConversationShare(conversation=generation.conversation_id))
    return Conversation.objects.get(pk=generation.conversation_id)


def days_ago(days: float) -> Any:
    return timezone.now() - timedelta(days=days)


def change(conversation: Conversation, **changes: Any) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(**changes)


def purged(*arguments: str) -> str:
    said = io.StringIO()
    call_command("purge", *arguments, stdout=said, stderr=io.StringIO())
    return said.getvalue()


def counts() -> list[int]:
    return [model._default_manager.count() for model in EVERY_MODEL]


def left() -> set[uuid.UUID]:
    return set(Conversation.objects.values_list("pk", flat=True))


def test_what_was_deleted_over_thirty_days_ago_goes_with_all_that_is_in_it(
    alice: User, runner: uuid.UUID
) -> None:
    kept = talked(alice, runner)
    before = counts()
    assert all(before)
    change(talked(alice, runner), deleted_at=days_ago(30.1))

    purged()
    assert counts() == before
    assert left() == {kept.pk}


def test_what_can_still_be_restored_stays(alice: User, runner: uuid.UUID) -> None:
    recent = talked(alice, runner)
    change(recent, deleted_at=days_ago(29.9))

    purged()
    assert left() == {recent.pk}


def test_without_retention_days_what_is_not_deleted_stays_for_ever(
    alice: User, runner: uuid.UUID
) -> None:
    old = talked(alice, runner)
    change(old, updated_at=days_ago(10_000))

    purged()
    assert left() == {old.pk}


def test_what_nobody_talked_in_for_retention_days_goes_pinned_or_not(
    alice: User, runner: uuid.UUID, settings: Settings
) -> None:
    settings.RETENTION_DAYS = 90
    recent, old, pinned, deleted = (talked(alice, runner) for _ in range(4))
    change(recent, updated_at=days_ago(89.9))
    change(old, updated_at=days_ago(90.1), revised_at=timezone.now())
    change(pinned, updated_at=days_ago(90.1), pinned=True)
    change(deleted, updated_at=days_ago(90.1), deleted_at=days_ago(1))

    purged()
    assert left() == {recent.pk}


def test_what_belongs_to_nobody_goes(alice: User, runner: uuid.UUID) -> None:
    from django.contrib.sessions.models import Session

    kept = talked(alice, runner)
    Session.objects.create(session_key="over", expire_date=days_ago(1))
    Session.objects.create(session_key="valid", expire_date=days_ago(-1))
    revoked = Share.objects.create(
        conversation=kept, head_id=kept.head_id, revoked_at=timezone.now()
    )
    for name, ended in (("old", days_ago(31)), ("recent", days_ago(1)), ("working", None)):
        Runner.objects.create(
            id=uuid.uuid4(), name=name, lease_expires_at=timezone.now(), ended_at=ended
        )
    Runner.objects.filter(pk=runner).update(ended_at=days_ago(31))

    purged()
    assert set(Session.objects.values_list("session_key", flat=True)) == {"valid"}
    assert not Share.objects.filter(pk=revoked.pk).exists()
    assert Share.objects.filter(pk=kept.share_id).exists()
    names = set(Runner.objects.values_list("name", flat=True))
    assert names == {"host:1", "recent", "working"}


def test_a_dry_run_counts_what_a_run_removes_and_touches_nothing(
    alice: User, runner: uuid.UUID
) -> None:
    for _ in range(3):
        change(talked(alice, runner), deleted_at=days_ago(31))
    Share.objects.update(revoked_at=timezone.now())
    kept = talked(alice, runner)
    Share.objects.create(conversation=kept, head_id=kept.head_id, revoked_at=timezone.now())
    before, expected = counts(), to_purge()

    said = purged("--dry-run")
    assert said.startswith("would be removed\n  conversations")
    assert counts() == before
    assert sum(purge(300), Counter()) == expected
    assert expected["chat.Message"] == 6
    assert expected["chat.Share"] == 4


def test_it_says_in_a_table_what_is_gone(alice: User, runner: uuid.UUID) -> None:
    change(talked(alice, runner), deleted_at=days_ago(31))

    rows = [line.rsplit(maxsplit=1) for line in purged().splitlines()[1:]]
    assert {name.strip(): int(count) for name, count in rows} == {
        "conversations": 1,
        "messages": 2,
        "generations": 1,
        "deltas": 1,
        "links": 1,
        "ratings": 1,
        "answers to review": 1,
        "search entries": 3,
    }
    rows = [line.rsplit(maxsplit=1) for line in purged().splitlines()[1:]]
    assert {count for _, count in rows} == {"0"}


def test_a_transaction_takes_a_few_messages_and_one_conversation_at_least(
    alice: User, runner: uuid.UUID
) -> None:
    for _ in range(5):
        change(talked(alice, runner), deleted_at=days_ago(31))

    steps = [rows["chat.Conversation"] for rows in purge(6) if rows["chat.Conversation"]]
    assert steps == [2, 2, 1]

    change(talked(alice, runner), deleted_at=days_ago(31))
    assert [rows["chat.Conversation"] for rows in purge(1)] == [1]


def test_a_live_answer_in_a_deleted_conversation_is_cancelled_and_goes_the_next_time(
    alice: User, runner: uuid.UUID
) -> None:
    running = asked(alice)
    claim(runner, LIMITS)
    queued = asked(alice)
    Conversation.objects.update(deleted_at=days_ago(31))

    assert purged().splitlines()[-1].endswith(": 2")
    running.refresh_from_db()
    queued.refresh_from_db()
    assert (running.status, queued.status) == (Status.IN_PROGRESS, Status.CANCELLED)
    assert running.cancel_requested_at is not None

    place = running.pk, running.conversation_id
    end_generations(runner, [Ending(*place, 1, "", "", Outcome(status=Status.CANCELLED))])
    purged()
    assert left() == set()


def test_what_is_being_answered_is_being_talked_in(
    alice: User, runner: uuid.UUID, settings: Settings
) -> None:
    settings.RETENTION_DAYS = 1
    running = asked(alice)
    claim(runner, LIMITS)
    Conversation.objects.update(updated_at=days_ago(2))

    purged()
    running.refresh_from_db()
    assert running.cancel_requested_at is None
    assert left() == {running.conversation_id}


def test_a_deleted_conversation_is_gone_for_its_owner_too(alice: User, runner: uuid.UUID) -> None:
    """The wire's own deletion, not a row changed by hand, is what starts the thirty days."""
    conversation = talked(alice, runner)
    deletion = ConversationDelete(conversation=conversation.pk)
    conversations.UNITS[ConversationDelete](alice.pk, deletion)
    assert to_purge()["chat.Conversation"] == 0
    moment = Conversation.objects.get().deleted_at
    assert moment is not None
    Conversation.objects.update(deleted_at=moment - timedelta(days=30, seconds=1))
    assert to_purge()["chat.Conversation"] == 1


def test_stopped_between_two_transactions_it_says_what_was_done(
    alice: User, runner: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        change(talked(alice, runner), deleted_at=days_ago(31))
    before = signal.getsignal(signal.SIGINT)

    def show_progress(self: command.Command, removed: Counter[str]) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(command.Command, "_show_progress", show_progress)
    said, errors = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("purge", "--batch", "1", stdout=said, stderr=errors)
    assert ended.value.code == 130
    assert said.getvalue().splitlines()[1].split() == ["conversations", "1"]
    assert "stopped" in errors.getvalue()
    assert len(left()) == 2
    assert signal.getsignal(signal.SIGINT) is before


def test_a_batch_of_nothing_is_refused() -> None:
    with pytest.raises(CommandError, match="at least 1"):
        purged("--batch", "0")


def test_what_the_database_refuses_ends_it_with_words_and_what_was_done(
    alice: User, runner: uuid.UUID
) -> None:
    for _ in range(2):
        change(talked(alice, runner), deleted_at=days_ago(31))
    last = Conversation.objects.order_by("pk").last()
    assert last is not None
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER refuses BEFORE DELETE ON chat_conversation "
            f"WHEN OLD.id = '{last.pk.hex}' BEGIN SELECT RAISE(ABORT, 'not this one'); END"
        )
    said = io.StringIO()
    try:
        with pytest.raises(CommandError, match="not this one"):
            call_command("purge", "--batch", "1", stdout=said)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER refuses")
    assert said.getvalue().splitlines()[1].split() == ["conversations", "1"]
    assert left() == {last.pk}
    assert Message.objects.filter(conversation=last).count() == 2


def test_it_does_nothing_inside_the_transaction_of_another(alice: User, runner: uuid.UUID) -> None:
    """Each step is over when it is told of."""
    change(talked(alice, runner), deleted_at=days_ago(31))
    steps = purge(300)
    next(steps)
    assert not transaction.get_connection().in_atomic_block
    assert left() == set()


# -- On PostgreSQL, beside others ------------------------------------------------------------------

_ALICE = """
INSERT INTO chat_user (id, username, password, first_name, last_name, email, is_staff, is_active, is_superuser, date_joined)
VALUES (1, 'alice', '', '', '', '', false, true, false, now())
"""
_CONVERSATIONS = """
INSERT INTO chat_conversation (id, owner_id, title, title_source, model, params, pinned, archived, tags,
    revision, created_at, updated_at, revised_at, deleted_at)
SELECT gen_random_uuid(), 1, 'Old', 'prompt', '', '{}', false, false, '[]', 0, now(), now(), now(),
    now() - interval '31 days' FROM generate_series(1, 40)
"""
_MESSAGES = """
INSERT INTO chat_message (id, conversation_id, role, content, reasoning, revision, created_at)
SELECT gen_random_uuid(), c.id, 'user', 'Hello', '', 0, now()
FROM chat_conversation c, generate_series(1, 5)
"""


@pytest.fixture
def looker(postgres_url: str) -> Iterator[psycopg.Connection]:
    """Give a connection to forty conversations of five messages, all past their time."""
    with psycopg.connect(postgres_url, autocommit=True) as connected:
        for statement in (_ALICE, _CONVERSATIONS, _MESSAGES):
            connected.execute(statement)
        yield connected


def start_purge(url: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "purge", *arguments],
        cwd=ROOT,
        env=clean_environment({"DATABASE_URL": url, "DJANGO_INSECURE_HTTP": "1"}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def removed_by(run: subprocess.Popen[str]) -> dict[str, int]:
    out, err = run.communicate(timeout=60)
    assert (run.returncode, err) == (0, "")
    rows = [line.rsplit(maxsplit=1) for line in out.splitlines()[1:]]
    return {name.strip(" :"): int(count) for name, count in rows}


def test_what_others_have_locked_is_passed_over_without_a_wait(
    postgres_url: str, looker: psycopg.Connection
) -> None:
    with psycopg.connect(postgres_url) as chat:
        seventh = "SELECT id FROM chat_conversation ORDER BY id OFFSET 6 LIMIT 1"
        lock = f"SELECT id FROM chat_conversation WHERE id = ({seventh}) FOR NO KEY UPDATE"
        ((held,),) = chat.execute(lock)
        removed = removed_by(start_purge(postgres_url, "--batch", "12"))
    assert looker.execute("SELECT id FROM chat_conversation").fetchall() == [(held,)]
    assert (removed["conversations"], removed["messages"]) == (39, 195)
    assert removed["left for the next run, being answered or in use"] == 1


def test_two_at_once_remove_each_row_once(postgres_url: str, looker: psycopg.Connection) -> None:
    runs = [start_purge(postgres_url, "--batch", "6") for _ in range(2)]
    removed = [removed_by(run) for run in runs]
    assert sum(run["conversations"] for run in removed) == 40
    assert sum(run["messages"] for run in removed) == 200
    assert looker.execute("SELECT id FROM chat_searchentry").fetchall() == []
