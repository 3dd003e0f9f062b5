from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from chat.models.access import REASON_MAX_CHARS

QUERY_MAX_CHARS = 4000
# One that has not moved for so long was left by a process that is gone: a client that takes nothing is dropped
# after 10 s, and a batch over the slowest link that is left alone takes a minute.
LOST_AFTER = timedelta(minutes=5)


class Record(models.TextChoices):
    """What the rows of an export are, by the name of their model."""

    CONVERSATION = "conversation", _("conversations")
    MESSAGE = "message", _("messages")
    GENERATION = "generation", _("generations")
    REVIEW = "review", _("answers to review")
    ACCESS = "access", _("access log")


class FileFormat(models.TextChoices):
    CSV = "csv", _("CSV, for spreadsheets")
    JSONL = "jsonl", _("JSON Lines, for programs")


# The same in every language.
FORMAT_NAMES = {FileFormat.CSV: "CSV", FileFormat.JSONL: "JSON Lines"}


class ExportState(models.TextChoices):
    READY = "ready", _("Ready to be downloaded")
    RUNNING = "running", _("Being downloaded")
    DONE = "done", _("Done: the file is whole")
    CUT = "cut", _("Cut off: the file is not whole")
    CANCELLED = "cancelled", _("Cancelled: the file is not whole")
    FAILED = "failed", _("Failed: the file is not whole")


class ExportQuerySet(models.QuerySet["Export"]):
    """Queries, and the only ways an export changes: guarded, the row count tells whether it did."""

    def ready(self) -> ExportQuerySet:
        return self.filter(state=ExportState.READY)

    def running(self) -> ExportQuerySet:
        return self.filter(state=ExportState.RUNNING)

    def begin(self, export: Export) -> bool:
        """Let one download of it run: the first that asks."""
        begun = self.ready().filter(pk=export.pk)
        changes = {"state": ExportState.RUNNING, "began_at": Now(), "moved_at": Now()}
        return begun.update(**changes) == 1

    def advance(self, export: Export, *, rows: int, size: int) -> bool:
        """Count what is about to leave; False: somebody cancelled it, or closed the account that exports."""
        going = self.running().filter(pk=export.pk, who__is_active=True)
        return going.update(rows=F("rows") + rows, bytes=F("bytes") + size, moved_at=Now()) == 1

    def end(self, export: Export, state: ExportState) -> bool:
        """End one that runs; what has ended stays as it ended."""
        return self.running().filter(pk=export.pk).update(state=state, ended_at=Now()) == 1

    def cancel(self, export: Export) -> bool:
        """End one that runs or is yet to; its download stops at its next batch."""
        going = self.filter(pk=export.pk, state__in=(ExportState.READY, ExportState.RUNNING))
        return going.update(state=ExportState.CANCELLED, ended_at=Now()) == 1


class Export(models.Model):
    """What somebody of the staff takes out of the record in one download, and how far that is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="exports",
        verbose_name=_("who"),
    )
    what = models.CharField(_("what"), max_length=12, choices=Record.choices)
    # As the list's address has them.
    query = models.CharField(_("filters and search"), max_length=QUERY_MAX_CHARS, blank=True)
    format = models.CharField(_("format"), max_length=5, choices=FileFormat.choices)
    redacted = models.BooleanField(_("personal data and keys taken out"), default=False)
    reason = models.CharField(_("reason"), max_length=REASON_MAX_CHARS, blank=True)
    state = models.CharField(
        _("state"), max_length=9, choices=ExportState.choices, default=ExportState.READY
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    began_at = models.DateTimeField(_("began"), null=True, blank=True)
    moved_at = models.DateTimeField(_("last moved"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    # As counted before it began: up to a limit, and not at all where that would take long.
    rows_found = models.PositiveBigIntegerField(_("rows in all"), null=True, blank=True)
    rows = models.PositiveBigIntegerField(_("rows"), default=0)
    bytes = models.PositiveBigIntegerField(_("bytes"), default=0)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-created_at"]
        default_permissions = ("view",)
        permissions = [("export_record", _("Can export what was said"))]
        indexes = [models.Index(fields=["who", "-created_at"], name="export_of_person")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ExportState.values), name="export_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=ExportState.READY, began_at__isnull=True)
                | Q(state=ExportState.CANCELLED)
                | Q(began_at__isnull=False),
                name="export_ran_from_then",
            ),
        ]

    def __str__(self) -> str:
        return f"{capfirst(self.get_what_display())} · {FORMAT_NAMES[FileFormat(self.format)]}"

    @property
    def shown_state(self) -> ExportState:
        """Its state, as far as one can tell: a process that was killed could not write down its own."""
        if self.state == ExportState.RUNNING and self._is_lost():
            return ExportState.CUT
        return ExportState(self.state)

    @property
    def is_over(self) -> bool:
        return self.shown_state not in (ExportState.READY, ExportState.RUNNING)

    def _is_lost(self) -> bool:
        return self.moved_at is not None and timezone.now() - self.moved_at > LOST_AFTER
