"""`manage.py forget_user`: nothing of a person stays, in no table, and nobody else's is touched."""

import io
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from chat import conversations
from chat.generation.admission import Limits, claim
from chat.generation.live import Outcome
from chat.generation.record import Ending, end_generations, store_deltas
from chat.models import (
    Conversation,
    Export,
    Generation,
    Message,
    Review,
    Runner,
    Share,
    Status,
    User,
    UserLimits,
)
from chat.protocol import (
    CommandError as Refused,
)
from chat.protocol import (
    ConversationShare,
    GenerationContinue,
    MessageRate,
    MessageSend,
    Params,
    PresetSave,
)
from chat.retention import forget, to_forget
from chat.reviews import note
from chat.sessions import session_keys_of

pytestmark = pytest.mark.django_db(transaction=True)

LIMITS = Limits(parallel=100, per_user=100)
# Tables that say nothing of a user: of the site, of Django, and the search index's own, which is looked at by its words.
OF_NOBODY = {
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "chat_admission",
    "chat_languagemodel",
    "chat_runner",
    "django_content_type",
    "django_migrations",
}
# What staff were shown: it names no user by a key, and stays whoever is forgotten.
KEPT = {"chat_access"}
OF_THE_INDEX = "chat_search"
# Where a person's own words and name are to be found.
WITH_WORDS = {
    "account_emailaddress",
    "chat_conversation",
    "chat_delta",
    "chat_export",
    "chat_message",
    "chat_preset",
    "chat_rating",
    "chat_reviewnote",
    "chat_search",
    "chat_user",
    "chat_userlimits",
    "django_admin_log",
}


@pytest.fixture
def runner() -> uuid.UUID:
    runner_id = uuid.uuid4()
    Runner.objects.enlist(runner_id, "host:1")
    return runner_id


@pytest.fixture
def two(runner: uuid.UUID) -> tuple[User, User]:
    """Give Alice and Bob, each with something in every table that can be about a person."""
    return person("alice", runner), person("bob", runner)


def person(name: str, runner: uuid.UUID) -> User:
    """Make someone, each of whose texts has their name in it."""
    user = User.objects.create_user(name, f"{name}@example.org", "a password", first_name=name)
    for _ in range(2):
        ended = answered(user, runner, finish_reason="length")
        continuation = GenerationContinue(generation=ended.pk)
        conversations.continue_answer(user.pk, continuation)
        generation = claimed(user, runner)
        finish(generation, runner, name)
    manage(user, generation)
    address = EmailAddress.objects.create(user=user, email=user.email, primary=True)
    EmailConfirmation.create(address)
    user.groups.add(Group.objects.get_or_create(name="staff")[0])
    user.user_permissions.add(Permission.objects.all()[0])
    Client().force_login(user)
    acted(user, user)
    # Of staff, what they took out.
    Export.objects.create(who=user, what="message", query=f"q={name}", format="csv")
    UserLimits.objects.create(user=user, is_paused=False, reason=f"{name} asks too much")
    return user


def answered(user: User, runner: uuid.UUID, **outcome: Any) -> Generation:
    asked(user)
    generation = claimed(user, runner)
    finish(generation, runner, user.username, **outcome)
    return generation


def asked(user: User) -> uuid.UUID:
    content = f"{user.username} asks"
    sent = MessageSend(message=uuid.uuid4(), content=content, conversation=None)
    return conversations.submit(user.pk, sent, uuid.uuid4()).generation


def claimed(user: User, runner: uuid.UUID) -> Generation:
    claim(runner, LIMITS)
    return Generation.objects.running().get(owner=user)


def finish(generation: Generation, runner: uuid.UUID, text: str, **outcome: Any) -> None:
    store_deltas(runner, [(generation.pk, 1, "content", text)])
    how = Outcome(**{"status": Status.COMPLETED, **outcome})
    place = generation.pk, generation.conversation_id
    end_generations(runner, [Ending(*place, 2, text, text, how)])


def manage(user: User, generation: Generation) -> None:
    units, name = conversations.UNITS, user.username
    conversation = generation.conversation_id
    rate = MessageRate(message=generation.message_id, rating="down", comment=f"{name} says no")
    units[MessageRate](user.pk, rate)
    review = Review.objects.get(message=generation.message_id)
    note(review.pk, User(pk=0, username="someone of the staff"), f"{name} is right")
    units[ConversationShare](user.pk, ConversationShare(conversation=conversation))
    units[PresetSave](
        user.pk, PresetSave(preset=uuid.uuid4(), name=f"{name}'s", model=None, params=Params())
    )


def acted(who: User, on: User, model: type[Model] = User) -> LogEntry:
    entry: LogEntry = LogEntry.objects.create(
        user=who,
        content_type=ContentType.objects.get_for_model(model),
        object_id=str(on.pk),
        object_repr=on.username,
        action_flag=CHANGE,
    )
    return entry


def tables() -> list[str]:
    with connection.cursor() as cursor:
        return connection.introspection.table_names(cursor)


def rows(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        return [repr(row) for row in cursor.fetchall()]


def indexed(word: str) -> int:
    """Count what the search index of SQLite itself holds, whatever the texts are now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM chat_search WHERE chat_search MATCH %s", [word])
        return int(cursor.fetchone()[0])


def of_person(user: User) -> dict[str, int]:
    """Count the rows of every table from which some path leads to that person."""
    return {
        model._meta.db_table: len(found)
        for model in apps.get_models(include_auto_created=True)
        if (found := led_to(model, user)) is not None
    }


def led_to(model: type[Model], user: User) -> set[Any] | None:
    """Give the keys of the rows that lead to a user by any path of foreign keys; none without such a path."""
    if model is Session:
        return set(session_keys_of(user.pk))
    found = [
        set(model._default_manager.filter(**{path: user.pk}).values_list("pk", flat=True))
        for path in paths(model, (model,))
    ]
    return set().union(*found) if found else None


def paths(model: type[Model], seen: tuple[type[Model], ...]) -> Iterator[str]:
    if model is User:
        yield "pk"
    for field in model._meta.fields:
        target = field.related_model
        if target is not None and target not in seen:
            yield from (f"{field.name}__{rest}" for rest in paths(target, (*seen, target)))


def forgotten(name: str, *arguments: str) -> str:
    said = io.StringIO()
    call_command("forget_user", name, *arguments, stdout=said, stderr=io.StringIO())
    return said.getvalue()


def test_every_table_is_one_of_somebody_or_of_nobody(two: tuple[User, User]) -> None:
    """A table that is new fails here until it is known to whom its rows belong, and `person` writes one."""
    alice, _ = two
    counts = of_person(alice)
    of_index = {table for table in tables() if table.startswith(OF_THE_INDEX)}
    of_index.discard("chat_searchentry")

    assert [table for table, count in counts.items() if not count] == []
    assert set(tables()) - set(counts) - OF_NOBODY - KEPT - of_index == {"sqlite_sequence"} & set(
        tables()
    )


def test_nothing_of_theirs_stays_and_nobody_elses_is_touched(two: tuple[User, User]) -> None:
    alice, bob = two
    with connection.cursor() as cursor:
        # Tables are emptied between tests in an order that leaves words in it.
        cursor.execute("INSERT INTO chat_search (chat_search) VALUES ('rebuild')")
    assert indexed("alice") > 0
    entry, limited = acted(bob, alice), acted(bob, alice, UserLimits)
    watched = [table for table in tables() if not table.startswith(f"{OF_THE_INDEX}_")]
    hers = {table: [row for row in rows(table) if "alice" in row] for table in watched}
    others = {t: [row for row in rows(t) if "alice" not in row] for t in watched}
    assert {table for table, found in hers.items() if found} >= WITH_WORDS
    of_bob = of_person(bob)

    forgotten("alice")

    with pytest.raises(User.DoesNotExist):
        alice.refresh_from_db()
    assert {table for table in watched for row in rows(table) if "alice" in row} == set()
    assert set(of_person(alice).values()) == {0}
    assert (indexed("alice"), indexed("bob") > 0) == (0, True)
    assert of_person(bob) == of_bob
    for table in watched:
        assert [row for row in rows(table) if "bob" in row and f"#{alice.pk}" not in row] == [
            row for row in others[table] if "bob" in row
        ]
    for act in (entry, limited):
        act.refresh_from_db()
        assert (act.user, act.object_repr) == (bob, f"#{alice.pk}")


def test_a_dry_run_counts_what_is_removed_and_touches_nothing(two: tuple[User, User]) -> None:
    alice, _ = two
    before = {table: rows(table) for table in tables()}
    expected = to_forget(alice)

    said = forgotten("alice", "--dry-run")
    assert {table: rows(table) for table in tables()} == before
    assert said.startswith("would be removed\n  conversations")
    assert said.split("conversations")[1].split()[0] == "2"

    removed = sum(forget(alice.pk, 300, 1), Counter())
    assert removed == expected


def test_who_is_not_there_is_said_so() -> None:
    with pytest.raises(CommandError, match="there is no user 'nobody'"):
        forgotten("nobody")
    with pytest.raises(CommandError, match="at least 1"):
        forgotten("nobody", "--batch", "0")


def test_what_they_wait_for_is_cancelled_before_anything_goes(
    two: tuple[User, User], runner: uuid.UUID
) -> None:
    alice, bob = two
    asked(alice)
    running = claimed(alice, runner)
    queued, his = asked(alice), asked(bob)
    seen = []

    def runner_ends_it(seconds: float) -> None:
        """Do what a runner does within a tick."""
        running.refresh_from_db()
        seen.append((running.cancel_requested_at is not None, Conversation.objects.count()))
        assert Generation.objects.get(pk=queued).status == Status.CANCELLED
        finish(running, runner, "alice", status=Status.CANCELLED)

    removed = sum(forget(alice.pk, 300, 5, runner_ends_it), Counter())
    assert seen == [(True, 7)]
    assert removed["chat.Conversation"] == 4
    assert not Generation.objects.filter(owner=alice.pk).exists()
    assert Generation.objects.get(pk=his).status == Status.QUEUED


def test_when_an_answer_does_not_end_the_account_is_closed_and_its_texts_stay(
    two: tuple[User, User], runner: uuid.UUID
) -> None:
    alice, _ = two
    asked(alice)
    running = claimed(alice, runner)
    texts = Message.objects.filter(conversation__owner=alice).count()

    with pytest.raises(CommandError, match="answers still being written after 0 s: 1") as refused:
        forgotten("alice", "--wait", "0")
    assert "run this again" in str(refused.value)
    assert Message.objects.filter(conversation__owner=alice).count() == texts
    alice.refresh_from_db()
    assert (alice.is_active, alice.has_usable_password()) == (False, False)
    assert session_keys_of(alice.pk) == []
    with pytest.raises(Refused):
        asked(alice)

    finish(running, runner, "alice", status=Status.CANCELLED)
    forgotten("alice", "--wait", "0")
    assert not User.objects.filter(username="alice").exists()


def test_given_up_half_way_it_goes_on_when_run_again(two: tuple[User, User]) -> None:
    alice, bob = two
    steps = forget(alice.pk, 1, 1)
    assert next(steps)["sessions.Session"] == 1
    assert next(steps)["chat.Conversation"] == 1
    steps.close()
    assert Conversation.objects.filter(owner=alice).count() == 1

    forgotten("alice")
    assert list(User.objects.all()) == [bob]


# -- In the admin ----------------------------------------------------------------------------------


def test_the_admin_deletes_no_account_and_says_how(two: tuple[User, User]) -> None:
    alice, _ = two
    Share.objects.all().delete()
    Conversation.objects.all().delete()
    client = Client()
    client.force_login(User.objects.create_superuser("root"))

    path = reverse("admin:chat_user_delete", args=[alice.pk])
    for answer in (client.get(path), client.post(path, {"post": "yes"})):
        assert answer.status_code == 302
        assert answer["Location"] == reverse("admin:chat_user_change", args=[alice.pk])
        (said,) = {str(message) for message in get_messages(answer.wsgi_request)}
        assert "manage.py forget_user alice" in said
    chosen = {"action": "delete_selected", "_selected_action": [alice.pk], "post": "yes"}
    client.post(reverse("admin:chat_user_changelist"), chosen)
    assert User.objects.filter(pk=alice.pk).exists()


def test_who_may_not_see_accounts_is_told_nothing_of_them(two: tuple[User, User]) -> None:
    alice, bob = two
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.user_permissions.clear()
    client = Client()
    client.force_login(User.objects.get(pk=bob.pk))

    answer = client.get(reverse("admin:chat_user_delete", args=[alice.pk]), follow=True)
    assert answer.status_code == 403
    assert b"forget_user" not in answer.content
