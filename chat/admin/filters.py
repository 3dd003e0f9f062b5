"""Filters by what generations say, for generations and for what they belong to.

Their choices are known beforehand: reading them off the rows, as Django's own filters and date
hierarchies do, would scan the table for every page.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chat.admin.words import status_words
from chat.models import Conversation, Generation, LanguageModel, Message, Status
from chat.protocol import FailureCode

LINKS: dict[type, str] = {Conversation: "conversation", Message: "message"}
# The OpenAI-compatible literals; whatever else a provider says is found by search.
FINISH_REASONS = ("stop", "length", "content_filter", "tool_calls")


class GenerationFilter(admin.SimpleListFilter):
    """Keeps generations whose `parameter_name` has the value, or what has such a generation."""

    parameter_name = ""

    def choices_of_filter(self) -> Iterable[tuple[str, Any]]:
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(self.choices_of_filter())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() is None:
            return queryset
        matching = Generation.objects.filter(**{self.parameter_name: self.value()})
        if queryset.model is Generation:
            return queryset & matching
        return queryset.filter(Exists(matching.filter(**{LINKS[queryset.model]: OuterRef("pk")})))


class StatusFilter(GenerationFilter):
    title = _("status")
    parameter_name = "status"

    def choices_of_filter(self) -> Iterable[tuple[str, Any]]:
        return [(status.value, status_words(status)) for status in Status]


class ModelFilter(GenerationFilter):
    title = _("model")
    parameter_name = "model"

    def choices_of_filter(self) -> Iterable[tuple[str, Any]]:
        return [(name, name) for name in LanguageModel.objects.values_list("name", flat=True)]


class FinishReasonFilter(GenerationFilter):
    title = _("finish reason")
    parameter_name = "finish_reason"

    def choices_of_filter(self) -> Iterable[tuple[str, Any]]:
        return [(reason, reason) for reason in FINISH_REASONS]


class ErrorCodeFilter(GenerationFilter):
    title = _("error code")
    parameter_name = "code"

    def choices_of_filter(self) -> Iterable[tuple[str, Any]]:
        return [(code, code) for code in get_args(FailureCode)]


GENERATION_FILTERS = (StatusFilter, ModelFilter, FinishReasonFilter, ErrorCodeFilter)
