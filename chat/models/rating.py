from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.protocol import COMMENT_MAX_CHARS


class RatingQuerySet(models.QuerySet["Rating"]):
    def of_messages(self, message_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Rating]:
        return {rating.message_id: rating for rating in self.filter(message__in=list(message_ids))}


class Rating(models.Model):
    """What a person thinks of an answer. One that is taken back stays, without a value."""

    class Value(models.TextChoices):
        NONE = "", "none"
        UP = "up"
        DOWN = "down"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="ratings"
    )
    message = models.ForeignKey(
        "chat.Message",
        on_delete=models.CASCADE,
        related_name="ratings",
        # The constraint's index begins with it.
        db_index=False,
    )
    value = models.CharField(max_length=4, choices=Value.choices, blank=True)
    reason = models.CharField(max_length=20, blank=True)
    comment = models.CharField(max_length=COMMENT_MAX_CHARS, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = RatingQuerySet.as_manager()

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = [
            models.UniqueConstraint(fields=["message", "user"], name="rating_one_of_user")
        ]
        indexes = [
            models.Index(fields=["-updated_at"], name="rating_newest"),
            models.Index(fields=["value", "message"], name="rating_of_value"),
        ]

    def __str__(self) -> str:
        return f"{self.value or 'none'}: {self.reason}"
