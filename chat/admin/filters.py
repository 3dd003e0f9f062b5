"""Filters of the record: one form beside each list, whose fields are in the URL.

Its choices are known beforehand: reading them off the rows, as Django's own filters and date
hierarchies do, would scan the table for every page. What is said of generations must all hold for
one and the same: a conversation with a failed answer and a dear one has no dear failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chat.admin.few import by_key_if_few
from chat.admin.filter_forms import (
    AccessForm,
    ConversationForm,
    FilterForm,
    GenerationForm,
    MessageForm,
    rows_of,
)
from chat.models import Generation, Rating, Review
from chat.models.generation import COMMON

_EQUAL = ("model", "status", "finish_reason", "code")


class FormFilter(admin.ListFilter):
    """A form as a filter of Django's. While what it says is wrong, nothing is found and `trouble` says so."""

    title = _("what it says")
    template = "admin/chat/filter_form.html"
    form: type[FilterForm]
    # Where the model has what the form speaks of.
    moment = "created_at"

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        names = self.form.base_fields
        said = {name: params.pop(name)[-1] for name in names if name in params}
        self.used_parameters = said
        self.bound = self.form(
            {name: text.replace("\x00", "") for name, text in said.items()}, label_suffix=""
        )

    @property
    def trouble(self) -> str | Promise:
        return "" if self.bound.is_valid() else _("Correct what is marked in the filter.")

    @property
    def rows(self) -> list[Any]:
        return rows_of(self.bound)

    def expected_parameters(self) -> list[str | None]:
        return list(self.form.base_fields)

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Give what else is in the URL, to be kept."""
        for name, values in changelist.get_filters_params().items():
            if name not in self.form.base_fields:
                yield from ({"name": name, "value": value} for value in values)
        if changelist.query:
            yield {"name": "q", "value": changelist.query}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.bound.is_valid():
            return queryset.none()
        return self.narrowed(queryset, self.bound.cleaned_data)

    def narrowed(self, rows: QuerySet, said: dict[str, Any]) -> QuerySet:
        if said["since"]:
            rows = rows.filter(**{f"{self.moment}__gte": _midnight(said["since"])})
        if said["until"]:
            rows = rows.filter(**{f"{self.moment}__lt": _midnight(said["until"], days=1)})
        return rows


class AccessFilter(FormFilter):
    form = AccessForm
    moment = "at"

    def narrowed(self, rows: QuerySet, said: dict[str, Any]) -> QuerySet:
        rows = super().narrowed(rows, said)
        if said["reader"]:
            rows = rows.filter(reader_name=said["reader"])
        return rows.filter(what=said["what"]) if said["what"] else rows


class _OfPeople(FormFilter):
    owner = "owner"

    def narrowed(self, rows: QuerySet, said: dict[str, Any]) -> QuerySet:
        rows = super().narrowed(rows, said)
        return rows.filter(**{f"{self.owner}__in": said["user"]}) if said["user"] else rows


class GenerationFilter(_OfPeople):
    form = GenerationForm

    def narrowed(self, rows: QuerySet, said: dict[str, Any]) -> QuerySet:
        rows = super().narrowed(rows, said)
        wanted = _of_generation(said)
        return rows.filter(wanted) if wanted else rows


class _OfGenerations(_OfPeople):
    """Keeps what has such a generation."""

    generation_has = ""

    def narrowed(self, rows: QuerySet, said: dict[str, Any]) -> QuerySet:
        rows = super().narrowed(rows, said)
        wanted = _of_generation(said)
        if not wanted:
            return rows
        generations = Generation.objects.filter(wanted)
        if said["user"]:
            generations = generations.filter(owner__in=said["user"])
        found = by_key_if_few(generations)
        return rows.filter(Exists(found.filter(**{self.generation_has: OuterRef("pk")})))


class ConversationFilter(_OfGenerations):
    """By when it was last talked in."""

    form = ConversationForm
    moment = "updated_at"
    generation_has = "conversation"

    def narrowed(self, rows: QuerySet, said: dict[str, Any]) -> QuerySet:
        rows = super().narrowed(rows, said)
        if said["deleted"]:
            rows = rows.filter(deleted_at__isnull=said["deleted"] == "no")
        return rows


class MessageFilter(_OfGenerations):
    form = MessageForm
    owner = "conversation__owner"
    generation_has = "message"

    def narrowed(self, rows: QuerySet, said: dict[str, Any]) -> QuerySet:
        rows = super().narrowed(rows, said)
        return rows.filter(role=said["role"]) if said["role"] else rows


def _of_generation(said: dict[str, Any]) -> Q:
    """Say which generations are meant; an empty condition if all are."""
    wanted = Q(**{name: said[name] for name in _EQUAL if said[name]})
    for name, common in COMMON.items():
        if said[name] and said[name] not in common:
            # As the index of what is rare says it: SQLite takes it for no other words.
            wanted &= ~Q(**{f"{name}__in": common})
    tokens = F("input_tokens") + F("output_tokens")
    if said["tokens_from"] is not None:
        wanted &= Q(GreaterThanOrEqual(tokens, said["tokens_from"]))
    if said["tokens_to"] is not None:
        wanted &= Q(LessThanOrEqual(tokens, said["tokens_to"]))
    for name, field, unit in (("cost", "cost", 1), ("seconds", "total_ms", 1000)):
        for end, lookup in (("from", "gte"), ("to", "lte")):
            if said[f"{name}_{end}"] is not None:
                wanted &= Q(**{f"{field}__{lookup}": said[f"{name}_{end}"] * unit})
    return wanted & _rated(said["rating"]) & _reviewed(said["review"])


def _rated(rating: str) -> Q:
    if not rating:
        return Q()
    # One that was taken back has neither.
    wanted = Q(value=rating) if rating != "reason" else ~Q(reason="") | ~Q(comment="")
    return Q(Exists(Rating.objects.filter(wanted, message=OuterRef("message"))))


def _reviewed(review: str) -> Q:
    if not review:
        return Q()
    # A flag stays when the review is resolved.
    wanted = Q(flagged=True) if review == "flagged" else Q(resolved_at__isnull=review == "open")
    return Q(Exists(Review.objects.filter(wanted, message=OuterRef("message"))))


def _midnight(day: date, days: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=days), time.min))
