"""Keep the table of models as the provider's list has it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from chat.evolution import ModelInfo
from chat.models import LanguageModel

TITLE_MAX_CHARS = 200
NAME_MAX_CHARS = 200


def sync_models(listed: Iterable[ModelInfo], *, demo: bool) -> None:
    """Store what the provider lists and mark what it lists no more.

    What the list does not say stays as an administrator has set it.
    """
    listed = [model for model in listed if len(model.id) <= NAME_MAX_CHARS]
    with transaction.atomic():
        for rank, model in enumerate(listed):
            always = {"rank": rank, "listed": True, "demo": demo, "seen_at": timezone.now()}
            LanguageModel.objects.update_or_create(
                name=model.id, defaults={**always, **_said(model)}
            )
        gone = LanguageModel.objects.exclude(name__in=[model.id for model in listed])
        gone.update(listed=False)


def _said(model: ModelInfo) -> dict[str, object]:
    said: dict[str, object] = {
        "context_length": model.context_length,
        "input_price": model.input_price,
        "output_price": model.output_price,
        # An id for a title says nothing that the administrator's own title does not.
        "title": None if model.title == model.id else model.title[:TITLE_MAX_CHARS],
    }
    return {name: value for name, value in said.items() if value is not None}
