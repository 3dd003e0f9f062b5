"""What a page is told when its socket opens: which models there are, and how much it may ask for."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings

from chat import protocol
from chat.conversations.shapes import model_shape
from chat.models import LanguageModel, UserLimits


class Offer(NamedTuple):
    """The models to choose from, the default first, whether they are the demo's, and how much may be asked for."""

    models: list[protocol.ModelShape]
    demo: bool
    limits: protocol.Limits


def offer(user_id: int) -> Offer:
    """Read what that person may choose, and their own limits where they have some."""
    known = list(LanguageModel.objects.offered())
    models = [model_shape(model) for model in known]
    default = LanguageModel.objects.default_name()
    if default and default not in {model.id for model in models}:
        models.insert(0, protocol.ModelShape(default, default))
    models.sort(key=lambda model: model.id != default)
    is_demo = all(model.demo for model in known)
    own = UserLimits.objects.filter(pk=user_id).first() or UserLimits()
    return Offer(models, demo=is_demo and not settings.EVOLUTION_IS_SET, limits=limits(own))


def bare_offer() -> Offer:
    """Give what is known without the database: a page can do without a list, its prompts then go to the default model."""
    return Offer([], demo=not settings.EVOLUTION_IS_SET, limits=limits(UserLimits()))


def limits(own: UserLimits) -> protocol.Limits:
    """Give a person's own limits, and in place of those they have not the ones that are set for every user."""
    return protocol.Limits(
        message_chars=settings.MESSAGE_MAX_CHARS,
        max_generations=own.at_once or settings.USER_MAX_GENERATIONS,
        max_queued=own.queued or settings.USER_MAX_QUEUED,
        messages_per_minute=settings.USER_MESSAGES_PER_MINUTE,
        prompts_per_day=own.prompts_per_day,
        tokens_per_day=own.tokens_per_day,
    )
