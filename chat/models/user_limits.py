from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

REASON_MAX_CHARS = 300
_AT_LEAST_ONE = [MinValueValidator(1)]


class UserLimits(models.Model):
    """What one person may ask for, where that differs from the settings; a field left empty is as they say.

    Its key is the user's, so that what the admin's log has of it is found by the account's number.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="limits",
        verbose_name=_("user"),
    )
    at_once = models.PositiveSmallIntegerField(
        _("answers at once"),
        null=True,
        blank=True,
        validators=_AT_LEAST_ONE,
        help_text=_("More wait in the queue. Empty: as for everybody."),
    )
    queued = models.PositiveSmallIntegerField(
        _("waiting at most"),
        null=True,
        blank=True,
        validators=_AT_LEAST_ONE,
        help_text=_("Further prompts are refused until one has begun. Empty: as for everybody."),
    )
    prompts_per_day = models.PositiveIntegerField(
        _("prompts a day"),
        null=True,
        blank=True,
        validators=_AT_LEAST_ONE,
        help_text=_(
            "Answering anew and continuing count too. Days are the site’s. Empty: as many as they like."
        ),
    )
    tokens_per_day = models.PositiveBigIntegerField(
        _("tokens a day"),
        null=True,
        blank=True,
        validators=_AT_LEAST_ONE,
        help_text=_(
            "Read and written, counted when an answer has ended: what is being written may go beyond it. "
            "Empty: as many as they like."
        ),
    )
    is_paused = models.BooleanField(
        _("may not send"),
        default=False,
        help_text=_("What runs and waits goes on. They can read, and stop answers."),
    )
    paused_until = models.DateTimeField(
        _("until"), null=True, blank=True, help_text=_("Empty: until this is changed.")
    )
    reason = models.CharField(
        _("reason"),
        max_length=REASON_MAX_CHARS,
        blank=True,
        help_text=_("The person is told this, as it stands here."),
    )

    class Meta:
        verbose_name = _("limits of a user")
        verbose_name_plural = _("limits of users")
        ordering = ["user"]

    def __str__(self) -> str:
        return self.user.get_username()

    def is_paused_at(self, now: datetime) -> bool:
        return self.is_paused and (self.paused_until is None or now < self.paused_until)


def limits_of(user: models.Model) -> UserLimits:
    """Give a user's own limits, read with the user or not; without a row all are as the settings say."""
    return getattr(user, "limits", None) or UserLimits()
