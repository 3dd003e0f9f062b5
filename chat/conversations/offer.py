"""What a page is told when its socket opens: which models there are, and how much it may ask for."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings

from chat import protocol
from chat.conversations.shapes import model_shape
from chat.models import LanguageModel


class Offer(NamedTuple):
    """The models to choose from, the default first, and whether they are the demo's."""

    models: list[protocol.ModelShape]
    demo: bool


def offer() -> Offer:
    """Read what may be chosen."""
    known = list(LanguageModel.objects.offered())
    models = [model_shape(model) for model in known]
    default = LanguageModel.objects.default_name()
    if default and default not in {model.id for model in models}:
        models.insert(0, protocol.ModelShape(default, default))
    models.sort(key=lambda model: model.id != default)
    is_demo = all(model.demo for model in known)
    return Offer(models, demo=is_demo and not settings.EVOLUTION_IS_SET)


def limits() -> protocol.Limits:
    """Give the limits that are set for every user."""
    return protocol.Limits(
        message_chars=settings.MESSAGE_MAX_CHARS,
        max_generations=settings.USER_MAX_GENERATIONS,
        max_queued=settings.USER_MAX_QUEUED,
        messages_per_minute=settings.USER_MESSAGES_PER_MINUTE,
    )
