"""Conversations of the admin's tests: with answers that run, and long ones."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from chat.models import Conversation, Delta, Generation, Message, Role, Runner, Status, User


def prompt_in(conversation: Conversation, text: str = "Why?") -> Message:
    return Message.objects.create(
        conversation=conversation, role=Role.USER, content=text, revision=1
    )


def answer_in(conversation: Conversation, text: str = "", **generation: Any) -> Generation:
    """Make an answer to a new prompt; without more said, one that ended well."""
    message = Message.objects.create(
        conversation=conversation,
        role=Role.ASSISTANT,
        content=text,
        parent=prompt_in(conversation),
        revision=1,
    )
    ended = {"status": Status.COMPLETED, "seq": 2, "ended_at": timezone.now()}
    return Generation.objects.create(
        message=message,
        conversation=conversation,
        owner=conversation.owner,
        **{**ended, **generation},
    )


def running_in(conversation: Conversation, *texts: str) -> Generation:
    """Make an answer being written, of which these pieces are stored."""
    runner = Runner.objects.create(
        id=uuid.uuid4(), name="one", lease_expires_at=timezone.now() + timedelta(seconds=10)
    )
    running = {"status": Status.IN_PROGRESS, "runner": runner, "started_at": timezone.now()}
    generation = answer_in(conversation, ended_at=None, **running)
    write(generation, 1, *texts)
    return generation


def write(generation: Generation, seq: int, *texts: str) -> None:
    """Store pieces of an answer, from that seq on."""
    if texts:
        rows = enumerate(texts, start=seq)
        Delta.objects.append([(generation.pk, number, "content", text) for number, text in rows])


def queued_in(conversation: Conversation) -> Generation:
    return answer_in(conversation, status=Status.QUEUED, seq=0, ended_at=None)


def end(generation: Generation, text: str, **changes: Any) -> None:
    """Let an answer end as the runner does: its text in the message, its numbers beside it."""
    Message.objects.filter(pk=generation.message_id).update(content=text)
    ended = {"status": Status.COMPLETED, "seq": 9, "ended_at": timezone.now(), **changes}
    Generation.objects.filter(pk=generation.pk).update(**ended)


def long_talk(owner: User, messages: int) -> Conversation:
    """Write a conversation of that many turns, `turn 0` the first."""
    conversation = Conversation.objects.create(owner=owner)
    rows: list[Message] = []
    for number in range(messages):
        rows.append(
            Message(
                conversation=conversation,
                role=Role.ASSISTANT if number % 2 else Role.USER,
                content=f"turn {number}",
                parent=rows[-1] if rows else None,
                revision=1,
                created_at=timezone.now() + timedelta(seconds=number),
            )
        )
    Message.objects.bulk_create(rows)
    Conversation.objects.filter(pk=conversation.pk).update(head=rows[-1])
    return conversation
