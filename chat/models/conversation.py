from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.protocol import TITLE_MAX_CHARS

if TYPE_CHECKING:
    from chat.models.user import User

# A deleted conversation can be restored for so long.
KEEP_DELETED = timedelta(days=30)
# What is made in one change follows each other by this.
TICK = timedelta(microseconds=1)


class TitleSource(models.TextChoices):
    """Who named a conversation: its first prompt's words, a model, or a person, who has the last word."""

    PROMPT = "prompt"
    MODEL = "model"
    PERSON = "person"


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def owned_by(self, user: User | int) -> ConversationQuerySet:
        """Those a person has: not what they have deleted."""
        return self.filter(owner=user, deleted_at__isnull=True)

    def kept_for(self, user: User | int) -> ConversationQuerySet:
        """Those a person has, and those they deleted and may still restore."""
        is_recent = Q(deleted_at__gt=Now() - KEEP_DELETED)
        return self.filter(Q(deleted_at__isnull=True) | is_recent, owner=user)

    def past_keeping(self, deleted: timedelta, retention_days: int) -> ConversationQuerySet:
        """Those deleted longer ago than `deleted`, and those nobody talked in for `retention_days`; 0: no such.

        Whoever pins, archives or deletes one keeps it no longer.
        """
        is_past = Q(deleted_at__lte=Now() - deleted)
        if retention_days:
            is_past |= Q(updated_at__lte=Now() - timedelta(days=retention_days))
        return self.filter(is_past)

    def tagged(self, name: str) -> ConversationQuerySet:
        if connection.vendor == "postgresql":
            return self.filter(tags__contains=[name])
        # Django has no `contains` for JSON on SQLite.
        found = RawSQL(
            "EXISTS (SELECT 1 FROM json_each(chat_conversation.tags) WHERE value = %s)",
            [name],
            output_field=models.BooleanField(),
        )
        return self.filter(found)

    def in_list_order(self) -> ConversationQuerySet:
        return self.order_by("-pinned", "-updated_at", "-id")

    def listed_after(self, place: tuple[bool, datetime, uuid.UUID]) -> ConversationQuerySet:
        """Those after a place in list order. As one comparison of rows, which an index can seek."""
        key: Any = Tuple(F("pinned"), F("updated_at"), F("id"))
        return self.filter(TupleLessThan(key, place))

    def locked(self, conversation_id: uuid.UUID) -> Conversation:
        """Return the conversation, its row locked until the transaction ends.

        Raises `Conversation.DoesNotExist`.
        """
        return self._for_update().get(pk=conversation_id)

    def locked_all(self, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Conversation]:
        """Return the conversations by id, their rows locked in the order of the ids."""
        rows = self._for_update().filter(pk__in=list(ids))
        return {row.pk: row for row in rows.order_by("pk")}

    def locked_free(self, most: int) -> list[Conversation]:
        """Return the first of those that nobody else has locked, their rows locked to be deleted.

        SQLite has one writer at a time, and there are no others.
        """
        rows = self.annotate(now=Now()).select_for_update(skip_locked=True, of=("self",))
        return list(rows[:most])

    def _for_update(self) -> ConversationQuerySet:
        return self.annotate(now=Now()).select_for_update(no_key=True, of=("self",))

    def advance_all(self, conversations: list[Conversation]) -> None:
        """Take each to its next revision. The rows must be locked."""
        now = max((each.now for each in conversations), default=None)
        if now is None:
            return
        behind = [each for each in conversations if each.updated_at < now]
        rows = self.filter(pk__in=[conversation.pk for conversation in behind])
        rows.update(revision=F("revision") + 1, updated_at=now, revised_at=now)
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
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="conversations",
        verbose_name=_("owner"),
    )
    title = models.CharField(_("title"), max_length=TITLE_MAX_CHARS, blank=True)
    title_source = models.CharField(
        max_length=6, choices=TitleSource.choices, default=TitleSource.PROMPT
    )
    head = models.ForeignKey(
        "chat.Message",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("head"),
    )
    model = models.CharField(_("model"), max_length=200, blank=True)
    params = models.JSONField(_("parameters"), default=dict, blank=True)
    pinned = models.BooleanField(_("pinned"), default=False)
    archived = models.BooleanField(_("archived"), default=False)
    # The link that is open now, if there is one.
    share = models.ForeignKey(
        "chat.Share",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("link"),
    )
    # The prompt whose answers are shown side by side. No key: nothing is found by it, and a message is removed
    # with its conversation alone.
    compared = models.UUIDField(null=True, blank=True, editable=False)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    revision = models.BigIntegerField(_("revision"), default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(
        _("updated"),
        default=timezone.now,
        help_text=_("When it was last talked in; managing it does not count."),
    )
    revised_at = models.DateTimeField(
        _("revised"),
        default=timezone.now,
        help_text=_("Of the last revision, whatever it changed."),
    )
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    # The database's time when the row was locked: hosts disagree about theirs.
    now: datetime

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ["-updated_at"]
        indexes = [
            models.Index(
                fields=["owner", "archived", "-pinned", "-updated_at", "-id"],
                condition=Q(deleted_at__isnull=True),
                name="conversation_in_list",
            ),
            models.Index(fields=["-updated_at", "-id"], name="conversation_newest"),
            models.Index(
                fields=["-updated_at", "-id"],
                condition=Q(deleted_at__isnull=False),
                name="conversation_deleted",
            ),
            models.Index(fields=["-revised_at"], name="conversation_revised"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.id)

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None

    def manage(self, **changes: object) -> int:
        """Write `changes` as `advance` does, without moving it in the list: nobody talked in it."""
        return self.advance(**{"updated_at": self.updated_at, **changes})

    def advance(self, **changes: object) -> int:
        """Write `changes` under the next revision and return that. The row must be locked."""
        changes = {"updated_at": self._next_moment(), "revised_at": self.now, **changes}
        Conversation.objects.filter(pk=self.pk).update(revision=F("revision") + 1, **changes)
        for name, value in changes.items():
            setattr(self, name, value)
        self.revision += 1
        return self.revision

    def _next_moment(self) -> datetime:
        """Give the time, later than all of the last change."""
        return max(self.now, self.updated_at + 2 * TICK)
