"""What of the queue is shown. The choices are known beforehand: reading them off the rows would scan them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast, get_args

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chat.admin.ratings import reason_words
from chat.models import Cause, LanguageModel, User
from chat.protocol import FailureCode, RatingReason

STATE = "state"
OPEN = "open"

Choice = tuple[str, Any]


class StateFilter(admin.SimpleListFilter):
    """What is open, unless something else is asked for."""

    title = _("state")
    parameter_name = STATE

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[Choice]:
        return [(OPEN, _("open")), ("resolved", _("resolved")), ("all", _("all"))]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        chosen = self.value() or OPEN
        for value, words in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": value == chosen, "query_string": query, "display": words}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        return queryset.filter(resolved_at__isnull=self.value() != "resolved")


class WhyFilter(admin.SimpleListFilter):
    title = _("why")
    parameter_name = "why"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[Choice]:
        return list(Cause.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.value()
        return queryset.filter(**{chosen: True}) if chosen in Cause.values else queryset


class AssignedFilter(admin.SimpleListFilter):
    title = _("assigned to")
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[Choice]:
        return [("me", _("me")), ("nobody", _("nobody")), ("somebody", _("somebody"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        match self.value():
            case "me":
                return queryset.filter(assigned_to=cast("User", request.user).pk)
            case "nobody":
                return queryset.filter(assigned_to__isnull=True)
            case "somebody":
                return queryset.filter(assigned_to__isnull=False)
        return queryset


class ColumnFilter(admin.SimpleListFilter):
    """Keeps what has exactly that in the column named by the parameter."""

    parameter_name = ""

    def choices_of_filter(self) -> Iterable[Choice]:
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[Choice]:
        return list(self.choices_of_filter())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.value()
        return queryset if chosen is None else queryset.filter(**{self.parameter_name: chosen})


class ModelFilter(ColumnFilter):
    title = _("model")
    parameter_name = "model"

    def choices_of_filter(self) -> Iterable[Choice]:
        return [(name, name) for name in LanguageModel.objects.values_list("name", flat=True)]


class ErrorCodeFilter(ColumnFilter):
    title = _("error code")
    parameter_name = "code"

    def choices_of_filter(self) -> Iterable[Choice]:
        return [(code, code) for code in get_args(FailureCode)]


class RatingReasonFilter(ColumnFilter):
    title = _("reason of the rating")
    parameter_name = "rating_reason"

    def choices_of_filter(self) -> Iterable[Choice]:
        return [(reason, reason_words(reason)) for reason in get_args(RatingReason)]


QUEUE_FILTERS = (
    StateFilter,
    WhyFilter,
    AssignedFilter,
    ModelFilter,
    ErrorCodeFilter,
    RatingReasonFilter,
    "since",
)
