from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn, Self
from uuid import UUID

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models.access import NAME_MAX_CHARS, AppendOnlyError

if TYPE_CHECKING:
    from chat.models.user import User

NOTE_MAX_CHARS = 4000


class Cause(models.TextChoices):
    """Why an answer is to be looked at. Each is the name of a field of `Review`."""

    RATED_DOWN = "rated_down", _("rated down")
    FAILED = "failed", _("failed")
    FLAGGED = "flagged", _("flagged")


class Outcome(models.TextChoices):
    """What a review came to. `WITHDRAWN` nobody decides: the rating was taken back before anybody looked."""

    FINE = "fine", _("Fine")
    MODEL = "model", _("The model’s fault")
    PROMPT = "prompt", _("The prompt’s fault")
    ABUSE = "abuse", _("Abuse")
    FIXED = "fixed", _("Fixed")
    OTHER = "other", _("Something else")
    WITHDRAWN = "withdrawn", _("Rating taken back")


class Act(models.TextChoices):
    NOTE = "note", _("wrote")
    FLAG = "flag", _("flagged it")
    TAKE = "take", _("took it")
    HAND = "hand", _("handed it on")
    GIVE_BACK = "give_back", _("gave it back")
    RESOLVE = "resolve", _("resolved it")
    REOPEN = "reopen", _("opened it again")


_UNRESOLVED = {
    "resolved_at": None,
    "resolved_by": None,
    "resolved_by_name": "",
    "outcome": "",
}


class ReviewQuerySet(models.QuerySet["Review"]):
    """Queries, and the only ways a review changes: guarded, the row count tells who won."""

    def open(self) -> Self:
        return self.filter(resolved_at__isnull=True)

    def queue_again(self, message: UUID, cause: Cause, now: datetime, **facts: object) -> bool:
        """Add a cause to the review of an answer, if it has one; what was resolved is open again."""
        was_resolved = When(resolved_at__isnull=False, then=Value(now))
        since = Case(was_resolved, default=F("since"), output_field=models.DateTimeField())
        changes = {cause.value: True, **facts, **_UNRESOLVED}
        return self.filter(message=message).update(since=since, **changes) == 1

    def withdraw(self, message: UUID) -> None:
        """Forget that an answer was rated down. Nobody need look at it if that was all, and nobody has."""
        rated = self.filter(message=message, rated_down=True)
        notes = ReviewNote.objects.filter(review=OuterRef("pk"))
        untouched = rated.open().filter(~Exists(notes), assigned_to__isnull=True)
        untouched.filter(failed=False, flagged=False).update(
            resolved_at=Now(), outcome=Outcome.WITHDRAWN
        )
        rated.update(rated_down=False, rating_reason="")

    def assign(self, review: int, before: int | None, to: User | None) -> bool:
        """Give an open review to somebody or nobody, if it is still with whom it was `before`."""
        found = self.open().filter(pk=review, **_with(before))
        name = to.get_username() if to else ""
        return found.update(assigned_to=to.pk if to else None, assigned_name=name) == 1

    def resolve(self, review: int, outcome: Outcome, by: User) -> bool:
        """Resolve what is open, and with nobody else."""
        found = self.open().filter(Q(assigned_to__isnull=True) | Q(assigned_to=by.pk), pk=review)
        by_whom = {"resolved_by": by.pk, "resolved_by_name": by.get_username()}
        return found.update(resolved_at=Now(), outcome=outcome, **by_whom) == 1

    def reopen(self, review: int, now: datetime) -> bool:
        found = self.filter(pk=review, resolved_at__isnull=False)
        return found.update(since=now, **_UNRESOLVED) == 1


class Review(models.Model):
    """An answer that staff are, or were, to look at: there once for each, however often it comes back.

    It goes with its conversation. Staff are named by value, not by foreign key: their account may go.
    """

    message = models.OneToOneField(
        "chat.Message", on_delete=models.CASCADE, related_name="review", verbose_name=_("answer")
    )
    conversation = models.ForeignKey(
        "chat.Conversation",
        on_delete=models.CASCADE,
        related_name="reviews",
        verbose_name=_("conversation"),
    )
    rated_down = models.BooleanField(_("rated down"), default=False)
    failed = models.BooleanField(_("failed"), default=False)
    flagged = models.BooleanField(_("flagged"), default=False)
    # What the queue is filtered by, as it was when the cause came: so that one table is read.
    model = models.CharField(_("model"), max_length=200, blank=True)
    code = models.CharField(_("error code"), max_length=40, blank=True)
    rating_reason = models.CharField(_("reason of the rating"), max_length=20, blank=True)

    # A value that was read, never `Now()`: SQLite writes that one otherwise, and compares what is written.
    since = models.DateTimeField(_("waiting since"), default=timezone.now)
    assigned_to = models.BigIntegerField(_("id of the assigned"), null=True, blank=True)
    assigned_name = models.CharField(_("assigned to"), max_length=NAME_MAX_CHARS, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_by = models.BigIntegerField(_("id of who resolved"), null=True, blank=True)
    resolved_by_name = models.CharField(_("resolved by"), max_length=NAME_MAX_CHARS, blank=True)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome.choices, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer to review")
        verbose_name_plural = _("answers to review")
        default_permissions = ("view", "change")
        ordering = ["since", "id"]
        indexes = [
            models.Index(fields=["since", "id"], name="review_by_age"),
            models.Index(
                fields=["since", "id"], condition=Q(resolved_at__isnull=True), name="review_open"
            ),
            models.Index(
                fields=["assigned_to", "since", "id"],
                condition=Q(resolved_at__isnull=True, assigned_to__isnull=False),
                name="review_open_of",
            ),
            models.Index(fields=["message"], condition=Q(flagged=True), name="review_flagged"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, outcome="")
                | Q(resolved_at__isnull=False, outcome__in=Outcome.values),
                name="review_resolved_iff_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None

    @property
    def causes(self) -> list[Cause]:
        return [cause for cause in Cause if getattr(self, cause.value)]


class ReviewNoteQuerySet(models.QuerySet["ReviewNote"]):
    def update(self, **changes: Any) -> NoReturn:
        raise AppendOnlyError("what was noted of a review stays as it is")

    def delete(self) -> NoReturn:
        raise AppendOnlyError("what was noted of a review stays as it is")


class ReviewNote(models.Model):
    """What one member of staff did with a review or said of it. Append-only; it goes with the conversation."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="notes")
    at = models.DateTimeField(db_default=Now(), editable=False)
    author = models.BigIntegerField()
    author_name = models.CharField(max_length=NAME_MAX_CHARS)
    act = models.CharField(max_length=9, choices=Act.choices, default=Act.NOTE)
    # To whom it was handed, or the outcome.
    what = models.CharField(max_length=NAME_MAX_CHARS, blank=True)
    text = models.CharField(max_length=NOTE_MAX_CHARS, blank=True)

    objects = ReviewNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note of a review")
        verbose_name_plural = _("notes of reviews")
        default_permissions = ()
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.author_name} {self.get_act_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("what was noted of a review stays as it is")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("what was noted of a review stays as it is")


def _with(user_id: int | None) -> dict[str, object]:
    return {"assigned_to__isnull": True} if user_id is None else {"assigned_to": user_id}
