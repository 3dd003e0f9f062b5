from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from chat.models.conversation import Conversation
    from chat.models.user import User

NAME_MAX_CHARS = 150
QUERY_MAX_CHARS = 500
REASON_MAX_CHARS = 500


class AppendOnlyError(RuntimeError):
    """What is in the access log stays as it is."""


class Accessed(models.TextChoices):
    """What was shown or done. What shows what people and models said is in `WITH_WORDS`; the rest are titles and numbers."""

    TRANSCRIPT = "transcript", _("transcript")
    MESSAGE = "message", _("message")
    MESSAGES = "messages", _("list of messages")
    CONVERSATION = "conversation", _("title of a conversation")
    CONVERSATIONS = "conversations", _("list of conversations")
    GENERATION = "generation", _("generation")
    GENERATIONS = "generations", _("list of generations")
    REVIEW = "review", _("answer to review")
    REVIEWS = "reviews", _("list of answers to review")
    WATCH = "watch", _("answer while it was written")
    STOP = "stop", _("answer stopped")
    EXPORT = "export", _("export")
    PURGE = "purge", _("old entries removed")


WITH_WORDS = (
    Accessed.TRANSCRIPT,
    Accessed.MESSAGE,
    Accessed.MESSAGES,
    Accessed.REVIEW,
    Accessed.REVIEWS,
    Accessed.WATCH,
    Accessed.EXPORT,
)


class AccessQuerySet(models.QuerySet["Access"]):
    def record(
        self,
        reader: User,
        what: Accessed,
        shown: Iterable[Conversation],
        *,
        query: str = "",
        address: str = "",
        reasons: dict[str, str] | None = None,
    ) -> None:
        """Store one entry for each conversation, all or none; without any, one that names nobody.

        `reasons`: what the reader said, by the conversation's id. Their owners are read if they are not at hand.
        """
        common = {
            "reader": reader.pk,
            "reader_name": reader.get_username(),
            "what": what,
            "query": query.replace("\x00", "")[:QUERY_MAX_CHARS],
            "address": address,
        }
        entries = [
            Access(
                **common,
                conversation=conversation.pk,
                owner=conversation.owner_id,
                owner_name=conversation.owner.get_username(),
                reason=(reasons or {}).get(str(conversation.pk), ""),
            )
            for conversation in {each.pk: each for each in shown}.values()
        ]
        with transaction.atomic():
            Access.objects.bulk_create(entries or [Access(**common)])

    def at_words_of(self, owner: User) -> AccessQuerySet:
        """Those that showed others what was said in that person's conversations, the newest first."""
        found = self.filter(owner=owner.pk, what__in=WITH_WORDS).exclude(reader=owner.pk)
        return found.order_by("-id")

    def update(self, **changes: Any) -> NoReturn:
        raise AppendOnlyError("the access log is append-only")

    def delete(self) -> NoReturn:
        raise AppendOnlyError("the access log is append-only")

    def forget(self) -> int:
        """Remove entries that are past their time, under `access_guard.lifted`: else the database refuses it."""
        removed, _ = super().delete()
        return removed


class Access(models.Model):
    """One look of one member of staff at one conversation: stored before it is shown, and never changed.

    Whom and what it names it names by value, not by foreign key: neither a deletion takes it along, nor is it
    changed by one. The database refuses changes too: on PostgreSQL by migration 0009, on SQLite by
    `chat/models/access_guard.py`.
    """

    at = models.DateTimeField(_("time"), db_default=Now(), editable=False)
    reader = models.BigIntegerField(_("id of the reader"))
    reader_name = models.CharField(_("reader"), max_length=NAME_MAX_CHARS)
    what = models.CharField(_("what was shown"), max_length=13, choices=Accessed.choices)
    # None of these four when a list was empty.
    conversation = models.UUIDField(_("conversation"), null=True, blank=True)
    owner = models.BigIntegerField(_("id of the owner"), null=True, blank=True)
    owner_name = models.CharField(_("owner"), max_length=NAME_MAX_CHARS, blank=True)
    reason = models.CharField(_("reason"), max_length=REASON_MAX_CHARS, blank=True)
    query = models.CharField(_("searched for"), max_length=QUERY_MAX_CHARS, blank=True)
    address = models.CharField(_("address"), max_length=64, blank=True)

    objects = AccessQuerySet.as_manager()

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("access log")
        ordering = ["-id"]
        # Each as the log is looked at: all of it by time, or of one reader, owner, conversation or kind, newest first.
        indexes = [
            models.Index(fields=["-at"], name="access_newest"),
            models.Index(fields=["reader_name", "-id"], name="access_of_reader"),
            models.Index(fields=["owner_name", "-id"], name="access_of_owner_name"),
            models.Index(fields=["owner", "-id"], name="access_of_owner"),
            models.Index(fields=["conversation", "-id"], name="access_of_conversation"),
            models.Index(fields=["what", "-id"], name="access_of_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.reader_name}: {self.get_what_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("the access log is append-only")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("the access log is append-only")
