from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models.prepared import Given


class Status(models.TextChoices):
    QUEUED = "queued", _("Queued")
    IN_PROGRESS = "in_progress", _("In Progress")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    INTERRUPTED = "interrupted", _("Interrupted")


LIVE = (Status.QUEUED, Status.IN_PROGRESS)
LENGTH = "length"
# What most generations say.
COMMON = {
    "status": (Status.COMPLETED,),
    "code": ("",),
    "finish_reason": ("", "stop"),
}


class GenerationQuerySet(models.QuerySet["Generation"]):
    """Queries, and the only ways a generation changes state: guarded, the row count tells who won."""

    def live(self) -> GenerationQuerySet:
        return self.filter(status__in=LIVE)

    def queued(self) -> GenerationQuerySet:
        return self.filter(status=Status.QUEUED)

    def running(self) -> GenerationQuerySet:
        return self.filter(status=Status.IN_PROGRESS)

    def of_runner(self, runner_id: uuid.UUID | Given) -> GenerationQuerySet:
        return self.running().filter(runner=runner_id)

    def claim(self, ids: Iterable[uuid.UUID], runner_id: uuid.UUID) -> int:
        """Make what is still queued and not cancelled that runner's; the rows tell which are."""
        found = self.queued().filter(pk__in=list(ids), cancel_requested_at__isnull=True)
        changes = {"status": Status.IN_PROGRESS, "runner": runner_id, "position": None}
        return found.update(started_at=Now(), **changes)

    def end_running(self, generation: Generation, **changes: object) -> bool:
        """End a generation that its runner still owns, here and in the row; False: it does not."""
        found = self.running().filter(pk=generation.pk, runner=generation.runner_id)
        for name, value in changes.items():
            setattr(generation, name, value)
        return found.update(ended_at=Now(), **changes) == 1

    def end_queued(self, generation_id: uuid.UUID, by: str = "") -> bool:
        """Cancel a generation nobody has started; its terminal event is its first. `by`: who of the staff does."""
        changes = {"status": Status.CANCELLED, "position": None, "seq": 1, "stopped_by": by}
        found = self.queued().filter(pk=generation_id)
        return found.update(ended_at=Now(), cancel_requested_at=Now(), **changes) == 1

    def flag_cancelled(self, ids: Iterable[uuid.UUID], by: str = "") -> int:
        """Ask for the end of what runs; who asked first is who stopped it."""
        found = self.running().filter(pk__in=ids, cancel_requested_at__isnull=True)
        return found.update(cancel_requested_at=Now(), stopped_by=by)

    def last_of_messages(self, message_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Generation]:
        """Map each answer to the newest generation that writes or wrote it."""
        rows = self.filter(message__in=list(message_ids)).order_by("created_at")
        return {generation.message_id: generation for generation in rows}


class Generation(models.Model):
    """One attempt to write an answer, or to continue one. Started once, by one runner, ended once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.ForeignKey(
        "chat.Message",
        on_delete=models.CASCADE,
        related_name="generations",
        verbose_name=_("answer"),
    )
    conversation = models.ForeignKey(
        "chat.Conversation",
        on_delete=models.CASCADE,
        related_name="generations",
        verbose_name=_("conversation"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="generations",
        verbose_name=_("owner"),
    )
    continues = models.OneToOneField(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="continued_by",
        verbose_name=_("continues"),
    )
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.QUEUED
    )
    position = models.PositiveIntegerField(_("place in the queue"), null=True, blank=True)
    runner = models.ForeignKey(
        "chat.Runner",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="generations",
        verbose_name=_("runner"),
    )
    model = models.CharField(_("model"), max_length=200)
    params = models.JSONField(_("parameters"), default=dict, blank=True)

    created_at = models.DateTimeField(_("created"), default=timezone.now)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    cancel_requested_at = models.DateTimeField(_("stop requested"), null=True, blank=True)
    # By name, not by foreign key: it stays when that account goes. Older processes may still write rows without it.
    stopped_by = models.CharField(
        _("stopped by"),
        max_length=150,
        blank=True,
        default="",
        db_default="",
        help_text=_("Who of the staff asked for the end; nobody: its owner, if anyone."),
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    seq = models.PositiveIntegerField(
        _("events"), default=0, help_text=_("The number of the terminal event.")
    )
    finish_reason = models.CharField(_("finish reason"), max_length=40, blank=True)
    code = models.CharField(_("error code"), max_length=40, blank=True)
    retryable = models.BooleanField(_("retryable"), default=False)
    detail = models.TextField(
        _("details"), blank=True, help_text=_("The provider's own words, for staff.")
    )
    input_tokens = models.PositiveIntegerField(_("input tokens"), null=True, blank=True)
    output_tokens = models.PositiveIntegerField(_("output tokens"), null=True, blank=True)
    usage_estimated = models.BooleanField(_("tokens estimated"), default=False)
    cost = models.DecimalField(
        _("cost"),
        max_digits=14,
        decimal_places=6,
        null=True,
        blank=True,
        help_text=_("In roubles."),
    )
    omitted = models.PositiveIntegerField(
        _("messages left out"),
        default=0,
        help_text=_("Messages left out because they did not fit the model's context."),
    )
    queue_ms = models.PositiveIntegerField(null=True, blank=True)
    ttft_ms = models.PositiveIntegerField(null=True, blank=True)
    reasoning_ms = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("From the request to the first reasoning.")
    )
    content_ms = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("From the request to the first content.")
    )
    total_ms = models.PositiveIntegerField(null=True, blank=True)
    gap_p50_ms = models.PositiveIntegerField(null=True, blank=True)
    gap_p95_ms = models.PositiveIntegerField(null=True, blank=True)
    chunks = models.PositiveIntegerField(_("chunks"), null=True, blank=True)
    chars = models.PositiveIntegerField(_("characters"), null=True, blank=True)
    # Its own share of the answer's text, which holds the text of all the answer's generations.
    content_chars = models.PositiveIntegerField(default=0)
    reasoning_chars = models.PositiveIntegerField(default=0)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        verbose_name = _("generation")
        verbose_name_plural = _("generations")
        ordering = ["created_at", "id"]
        permissions = [
            ("stop_generation", "Can stop answers being written"),
            ("view_figures", "Can view figures"),
        ]
        indexes = [
            models.Index(
                fields=["status", "created_at"],
                condition=Q(status__in=LIVE),
                name="generation_live",
            ),
            models.Index(
                fields=["conversation"], condition=Q(status__in=LIVE), name="generation_live_in"
            ),
            models.Index(
                fields=["runner"],
                condition=Q(status=Status.IN_PROGRESS),
                name="generation_of_runner",
            ),
            models.Index(fields=["message", "created_at"], name="generation_of_message"),
            models.Index(fields=["owner", "-created_at"], name="generation_of_owner"),
            models.Index(fields=["-created_at", "-id"], name="generation_newest"),
            # What is rare is looked for by these; what is common, from the newest on.
            *(
                models.Index(
                    fields=[field, "-created_at", "-id"],
                    condition=~Q(**{f"{field}__in": common}),
                    name=f"generation_of_{field}",
                )
                for field, common in COMMON.items()
            ),
            models.Index(fields=["model", "-created_at", "-id"], name="generation_of_model"),
            models.Index(F("input_tokens") + F("output_tokens"), name="generation_of_tokens"),
            models.Index(fields=["cost"], name="generation_of_cost"),
            models.Index(fields=["total_ms"], name="generation_of_duration"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["message"], condition=Q(status__in=LIVE), name="generation_one_live"
            ),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="generation_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=LIVE, ended_at__isnull=True)
                | (~Q(status__in=LIVE) & Q(ended_at__isnull=False, seq__gte=1)),
                name="generation_ended_iff_terminal",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.IN_PROGRESS)
                | Q(runner__isnull=False, started_at__isnull=False),
                name="generation_running_has_runner",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.QUEUED) | Q(runner__isnull=True),
                name="generation_queued_has_none",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.FAILED) | ~Q(code=""), name="generation_failed_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()} · {self.model}"

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def was_stopped_by_staff(self) -> bool:
        """Whether that ended it: a completion may have been quicker."""
        return self.status == Status.CANCELLED and bool(self.stopped_by)

    @property
    def may_be_continued(self) -> bool:
        """Whether it ended before its answer did (docs/protocol.md, `generation.continue`)."""
        if self.status == Status.FAILED:
            return bool(self.content_chars or self.reasoning_chars)
        if self.status == Status.COMPLETED:
            return self.finish_reason == LENGTH
        return self.status in (Status.INTERRUPTED, Status.CANCELLED)
