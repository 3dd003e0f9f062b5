"""What the processes write about themselves: who writes answers, and with which models."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from chat.admin.read_only import ReadOnlyAdmin
from chat.models import LanguageModel, Runner


@admin.register(LanguageModel)
class LanguageModelAdmin(ReadOnlyAdmin):
    """The provider's list as last seen; edited here, it would be overwritten at the next look."""

    list_display = ("name", "title", "context_length", "available", "demo", "seen_at")
    list_filter = ("available", "demo")
    search_fields = ("name", "title")


@admin.register(Runner)
class RunnerAdmin(ReadOnlyAdmin):
    list_display = ("name", "is_working", "started_at", "lease_expires_at", "ended_at")
    list_filter = (("ended_at", admin.EmptyFieldListFilter), "started_at")
    search_fields = ("name",)
    ordering = ("-started_at",)

    @admin.display(description=_("working"), boolean=True, ordering="ended_at")
    def is_working(self, runner: Runner) -> bool:
        return runner.ended_at is None
