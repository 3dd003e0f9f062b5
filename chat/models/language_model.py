from __future__ import annotations

from django.db import models
from django.utils import timezone


class LanguageModel(models.Model):
    """A model the provider offers, as the last look at its list found it.

    Written by the processes that talk to the provider, read by all: a socket never waits for it.
    """

    name = models.CharField(primary_key=True, max_length=200)
    title = models.CharField(max_length=200, blank=True)
    context_length = models.PositiveIntegerField(null=True, blank=True)
    available = models.BooleanField(default=True)
    demo = models.BooleanField(default=False)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.title or self.name
