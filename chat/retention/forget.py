"""A person is forgotten: nothing of theirs stays, and nobody else's is touched."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from allauth.account.models import EmailConfirmation
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import ManyToOneRel, QuerySet

from chat.conversations.cancel import stop
from chat.models import Conversation, Generation, User, UserLimits
from chat.retention.erase import Rows, erase_conversations, rows_of
from chat.sessions import end_sessions_of, session_keys_of

LOOK_EVERY_S = 0.2

Pause = Callable[[float], None]


class StillInUseError(Exception):
    """What is in use did not become free in time; its words are for whoever asked."""


def forget(user_id: int, at_once: int, wait_s: float, pause: Pause = time.sleep) -> Iterator[Rows]:
    """Close the account, stop its answers, remove all that is its own, and then itself.

    Yields after each transaction what it removed, by model. Given up after any of them, or raising
    `StillInUseError` after `wait_s` seconds, it leaves a closed account: done again it goes on.
    """
    yield _close(user_id)
    _wait_for_answers(user_id, wait_s, pause)
    yield from _erase_all(user_id, at_once, wait_s, pause)
    yield _remove_account(user_id)


def to_forget(user: User) -> Rows:
    """Count what `forget` would remove now, by model."""
    counts = rows_of(Conversation.objects.filter(owner=user))
    for label, rows in _leading_to(user).items():
        counts.setdefault(label, rows.count())
    confirmations = EmailConfirmation.objects.filter(email_address__user=user)
    counts[EmailConfirmation._meta.label] = confirmations.count()
    counts[Session._meta.label] = len(session_keys_of(user.pk))
    counts[User._meta.label] = 1
    return Counter({label: count for label, count in counts.items() if count})


def _leading_to(user: User) -> dict[str, QuerySet]:
    """Find the rows whose table names a user itself, whoever made that table."""
    found = {}
    for relation in User._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel):
            table: Any = relation.related_model
            rows = table._default_manager.filter(**{relation.field.name: user})
            found[table._meta.label] = rows
    return found


def _close(user_id: int) -> Rows:
    """Let nobody in and nothing begin: `submit` and its like ask for an active user under its lock."""
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=user_id)
        user.is_active = False
        user.set_unusable_password()
        user.save(update_fields=["is_active", "password"])
    return Counter({Session._meta.label: end_sessions_of(user_id)})


def _wait_for_answers(user_id: int, wait_s: float, pause: Pause) -> None:
    until = time.monotonic() + wait_s
    while live := _stop_answers(user_id):
        if time.monotonic() >= until:
            raise StillInUseError(
                f"answers still being written after {wait_s:g} s: {live}. Is a process running that "
                "writes answers? It ends them, also what another left behind"
            )
        pause(LOOK_EVERY_S)


def _stop_answers(user_id: int) -> int:
    """Flag what runs and end what is queued; return how many are live after that."""
    live = Generation.objects.live().filter(owner=user_id)
    for conversation_id in set(live.values_list("conversation", flat=True)):
        with transaction.atomic():
            conversation = Conversation.objects.locked(conversation_id)
            stop(conversation, Generation.objects.filter(conversation=conversation))
    return live.count()


def _erase_all(user_id: int, at_once: int, wait_s: float, pause: Pause) -> Iterator[Rows]:
    """Erase until nothing is left: what someone has locked is passed over, and met again."""
    until = time.monotonic() + wait_s
    doomed = Conversation.objects.filter(owner=user_id)
    while True:
        yield from erase_conversations(doomed, at_once)
        if not (left := doomed.count()):
            return
        if time.monotonic() >= until:
            raise StillInUseError(f"conversations still in use after {wait_s:g} s: {left}")
        pause(LOOK_EVERY_S)


def _remove_account(user_id: int) -> Rows:
    """Remove what is left of theirs, the account last. What staff did to it stays in the log, without its name."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user_id)
        # Both are named by the user, and found by the user's key.
        about = ContentType.objects.get_for_models(User, UserLimits).values()
        acts = LogEntry.objects.filter(content_type__in=about, object_id=str(user_id))
        acts.update(object_repr=f"#{user_id}")
        _, removed = user.delete()
    # One that was made while the account was being closed.
    return Counter(removed) + Counter({Session._meta.label: end_sessions_of(user_id)})
