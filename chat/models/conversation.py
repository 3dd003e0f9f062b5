from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone

if TYPE_CHECKING:
    from chat.models.user import User

TITLE_MAX_CHARS = 200
# What is made in one change follows each other by this.
TICK = timedelta(microseconds=1)


class TitleSource(models.TextChoices):
    """Who named a conversation: its first prompt's words, a model, or a person, who has the last word."""

    PROMPT = "prompt"
    MODEL = "model"
    PERSON = "person"


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def owned_by(self, user: User | int) -> ConversationQuerySet:
        return self.filter(owner=user)

    def locked(self, conversation_id: uuid.UUID) -> Conversation:
        """Return the conversation, its row locked until the transaction ends.

        Raises `Conversation.DoesNotExist`.
        """
        return self.select_for_update(no_key=True, of=("self",)).get(pk=conversation_id)

    def locked_all(self, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Conversation]:
        """Return the conversations by id, their rows locked in the order of the ids."""
        rows = self.select_for_update(no_key=True, of=("self",)).filter(pk__in=list(ids))
        return {row.pk: row for row in rows.order_by("pk")}

    def advance_all(self, conversations: list[Conversation]) -> None:
        """Take each to its next revision. The rows must be locked."""
        now = timezone.now()
        behind = [each for each in conversations if each.updated_at < now]
        rows = self.filter(pk__in=[conversation.pk for conversation in behind])
        rows.update(revision=F("revision") + 1, updated_at=now)
        for conversation in behind:
            conversation.revision += 1
            conversation.updated_at = now
        for conversation in conversations:
            if conversation not in behind:
                conversation.advance()


class Conversation(models.Model):
    """A tree of messages and the branch that is open: the one that ends in `head`.

    `revision` grows by one with every change a client is told of, in the transaction that makes it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations"
    )
    title = models.CharField(max_length=TITLE_MAX_CHARS, blank=True)
    title_source = models.CharField(
        max_length=6, choices=TitleSource.choices, default=TitleSource.PROMPT
    )
    head = models.ForeignKey(
        "chat.Message", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    model = models.CharField(max_length=200, blank=True)
    params = models.JSONField(default=dict, blank=True)
    revision = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        indexes = [
            models.Index(fields=["owner", "-updated_at", "id"], name="conversation_of_owner")
        ]

    def __str__(self) -> str:
        return self.title or str(self.id)

    def advance(self, **changes: object) -> int:
        """Write `changes` under the next revision and return that. The row must be locked."""
        changes = {"updated_at": self._next_moment(), **changes}
        Conversation.objects.filter(pk=self.pk).update(revision=F("revision") + 1, **changes)
        for name, value in changes.items():
            setattr(self, name, value)
        self.revision += 1
        return self.revision

    def _next_moment(self) -> datetime:
        """Give the time, later than all of the last change whatever the clocks of two hosts say."""
        return max(timezone.now(), self.updated_at + 2 * TICK)
