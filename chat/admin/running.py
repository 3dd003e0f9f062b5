"""What the processes write about themselves: who writes answers, and with which models."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chat.admin.named_list import NamedList
from chat.admin.read_only import ReadOnlyAdmin
from chat.models import LanguageModel, Runner


@admin.register(LanguageModel)
class LanguageModelAdmin(NamedList):
    """The provider's list as last seen, and what administrators decide of it.

    What the provider itself lists (title, context, prices) wins at the next look at its list.
    """

    list_display = (
        "name",
        "title",
        "context_length",
        "input_price",
        "output_price",
        "enabled",
        "is_default",
        "state",
        "seen_at",
    )
    list_filter = ("enabled", "listed", "demo")
    search_fields = ("name", "title")
    readonly_fields = ("name", "listed", "demo", "seen_at", "refused_at")

    @admin.display(description=_("state"))
    def state(self, model: LanguageModel) -> str:
        if not model.listed:
            return str(_("not listed any more"))
        return str(_("refuses us") if model.is_refusing else _("usable"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Runner)
class RunnerAdmin(ReadOnlyAdmin):
    list_display = ("name", "is_working", "started_at", "lease_expires_at", "ended_at")
    list_filter = (("ended_at", admin.EmptyFieldListFilter), "started_at")
    search_fields = ("name",)
    ordering = ("-started_at",)

    @admin.display(description=_("working"), boolean=True, ordering="ended_at")
    def is_working(self, runner: Runner) -> bool:
        return runner.ended_at is None
