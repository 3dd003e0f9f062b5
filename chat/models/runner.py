from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from chat.models.prepared import Given, prepared

# heartbeat < lease: four renewals may fail before a lease runs out.
LEASE = timedelta(seconds=10)


class RunnerQuerySet(models.QuerySet["Runner"]):
    def not_ended(self) -> RunnerQuerySet:
        return self.filter(ended_at__isnull=True)

    def expired(self) -> RunnerQuerySet:
        return self.not_ended().filter(lease_expires_at__lte=Now())

    def enlist(self, runner_id: uuid.UUID, name: str) -> None:
        """Store the runner; once, though the answer to a first try may have been lost."""
        defaults = {"name": name, "lease_expires_at": Now() + LEASE}
        self.get_or_create(id=runner_id, defaults=defaults)

    def renew(self, runner_id: uuid.UUID) -> bool:
        """Extend the lease by the database's clock; False when it is lost and nothing is ours.

        A lease that ran out but that nobody buried is still ours: after an outage of the database,
        in which nobody could, the answers go on.
        """
        return self.not_ended().filter(pk=runner_id).update(lease_expires_at=Now() + LEASE) == 1

    def holds_lease(self, runner_id: uuid.UUID) -> bool:
        """Lock our own row for this transaction and tell whether what we write is still ours."""
        return bool(_locked_unless_ended(runner=runner_id))

    def bury(self, runner_id: uuid.UUID, seen: datetime) -> bool:
        """Mark a runner dead if its lease is still the one that was `seen`; True for who did it."""
        found = self.expired().filter(pk=runner_id, lease_expires_at=seen)
        return found.update(ended_at=Now()) == 1

    def retire(self, runner_id: uuid.UUID) -> None:
        self.filter(pk=runner_id, ended_at__isnull=True).update(ended_at=Now())


class Runner(models.Model):
    """One process incarnation that writes answers, alive as long as it renews its lease."""

    id = models.UUIDField(primary_key=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    started_at = models.DateTimeField(_("started"), db_default=Now())
    lease_expires_at = models.DateTimeField(_("lease until"))
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = RunnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("runner")
        verbose_name_plural = _("runners")
        indexes = [
            models.Index(
                fields=["lease_expires_at"],
                condition=models.Q(ended_at__isnull=True),
                name="runner_leases",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Admission(models.Model):
    """One row: who holds its lock may start queued generations."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)

    class Meta:
        verbose_name = _("admission")
        verbose_name_plural = _("admission")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="admission_one_row")]

    def __str__(self) -> str:
        return "admission"

    @classmethod
    def lock(cls) -> None:
        """Wait for the row, until the transaction ends."""
        if not _locked_admission():
            cls.objects.get_or_create(pk=1)
            cls.objects.select_for_update().get(pk=1)


@prepared
def _locked_unless_ended() -> models.QuerySet[Runner, tuple[uuid.UUID]]:
    ours = Runner.objects.not_ended().filter(pk=Given("runner", models.UUIDField()))
    return ours.select_for_update(no_key=True).values_list("pk")


@prepared
def _locked_admission() -> models.QuerySet[Admission, tuple[int]]:
    return Admission.objects.select_for_update().filter(pk=1).values_list("pk")
