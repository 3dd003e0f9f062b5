from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# A model that refused us is offered again after this: access may have been granted meanwhile.
REFUSAL_LASTS = timedelta(hours=1)
PER_TOKENS = 1_000_000


class LanguageModelQuerySet(models.QuerySet["LanguageModel"]):
    def offered(self) -> LanguageModelQuerySet:
        """Those on the provider's list that the administrator allows, here and by setting."""
        offered = self.filter(listed=True, enabled=True)
        if settings.EVOLUTION_MODELS:
            offered = offered.filter(name__in=settings.EVOLUTION_MODELS)
        return offered

    def note_refusal(self, name: str) -> None:
        """Remember that the provider does not let us use a model (403, 404), even if its list is not read yet."""
        unlisted = {"listed": False, "refused_at": timezone.now()}
        known = {"refused_at": unlisted["refused_at"]}
        self.update_or_create(name=name, defaults=known, create_defaults=unlisted)

    def default_name(self) -> str:
        """Return the model to use when nobody chose one; empty when none is known yet.

        The administrator's choice goes before the setting, and that before the first usable one.
        """
        offered = list(self.offered().order_by("rank", "name"))
        chosen = [model.name for model in offered if model.is_default]
        usable = [model.name for model in offered if not model.is_refusing]
        return next(filter(None, [*chosen, settings.EVOLUTION_MODEL, *usable]), "")


class LanguageModel(models.Model):
    """A model the provider offers, as the last look at its list found it.

    Written by the processes that talk to the provider, read by all: a socket never waits for it.
    Administrators own `enabled` and `is_default`, and prices and titles where the list has none.
    """

    name = models.CharField(_("name"), primary_key=True, max_length=200)
    title = models.CharField(_("title"), max_length=200, blank=True)
    context_length = models.PositiveIntegerField(_("context length"), null=True, blank=True)
    input_price = models.DecimalField(
        _("input price"),
        max_digits=12,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("Roubles per million tokens read."),
    )
    output_price = models.DecimalField(
        _("output price"),
        max_digits=12,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("Roubles per million tokens written."),
    )
    enabled = models.BooleanField(
        _("enabled"), default=True, help_text=_("Whether people may choose it.")
    )
    is_default = models.BooleanField(
        _("default"), default=False, help_text=_("Used when nobody has chosen.")
    )
    rank = models.PositiveIntegerField(
        default=0, editable=False, help_text=_("Its place in the provider's list.")
    )
    listed = models.BooleanField(_("listed"), default=True, editable=False)
    demo = models.BooleanField(_("demo model"), default=False, editable=False)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now, editable=False)
    refused_at = models.DateTimeField(_("refused"), null=True, blank=True, editable=False)

    objects = LanguageModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("language model")
        verbose_name_plural = _("language models")
        ordering = ["rank", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="language_model_one_default",
            )
        ]

    def __str__(self) -> str:
        return self.title or self.name

    @property
    def is_refusing(self) -> bool:
        return self.refused_at is not None and timezone.now() - self.refused_at < REFUSAL_LASTS

    def cost(self, input_tokens: int | None, output_tokens: int | None) -> Decimal | None:
        """Return roubles for one answer; None when a price or a count is not known."""
        if self.input_price is None or self.output_price is None:
            return None
        if input_tokens is None or output_tokens is None:
            return None
        total = self.input_price * input_tokens + self.output_price * output_tokens
        return (total / PER_TOKENS).quantize(Decimal("0.000001"))
