from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.protocol import PRESET_NAME_MAX_CHARS


class Preset(models.Model):
    """A model and parameters under a name of their owner's, to start conversations with."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="presets",
        # The constraint's index begins with it.
        db_index=False,
    )
    name = models.CharField(max_length=PRESET_NAME_MAX_CHARS)
    model = models.CharField(max_length=200, blank=True)
    params = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("preset")
        verbose_name_plural = _("presets")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="preset_of_owner")]

    def __str__(self) -> str:
        return self.name
