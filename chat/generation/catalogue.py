"""Keep the table of models as the provider's list has it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from chat.evolution import ModelInfo
from chat.models import LanguageModel


def sync_models(listed: Iterable[ModelInfo], *, demo: bool) -> None:
    """Store what the provider lists and mark what it lists no more as unavailable."""
    listed = list(listed)
    with transaction.atomic():
        for model in listed:
            LanguageModel.objects.update_or_create(
                name=model.id,
                defaults={
                    "title": model.title,
                    "context_length": model.context_length,
                    "available": True,
                    "demo": demo,
                    "seen_at": timezone.now(),
                },
            )
        gone = LanguageModel.objects.exclude(name__in=[model.id for model in listed])
        gone.update(available=False)
