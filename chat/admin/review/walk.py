"""From one review to the next of the list it was opened from: the filters travel in the address."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.options import ModelAdmin
from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from chat.admin.keyset import KeysetChangeList
from chat.admin.review.filters import OPEN, STATE
from chat.models import Review

# The name Django itself gives it in the links of a list.
FILTERS = "_changelist_filters"
_LIST = "admin:chat_review_changelist"
_PAGE = "admin:chat_review_change"


class _Filtered(KeysetChangeList):
    """The rows that a list's filters leave, of which no page is read."""

    def get_results(self, request: HttpRequest) -> None:
        self.result_list = []


@dataclass(frozen=True, slots=True)
class Walk:
    """Where one stands in a list, by the addresses of what is around."""

    filters: str
    previous: str
    next: str
    all: str


def filters_of(request: HttpRequest) -> str:
    """Give the query of the list that the page was opened from; a form sends it along."""
    sent: str = request.POST.get(FILTERS) or request.GET.get(FILTERS, "")
    return sent


def is_oldest_first(filters: QueryDict) -> bool:
    """What is open waits in line; of what is not, the newest is of interest."""
    return filters.get(STATE, OPEN) == OPEN


def ordering(filters: QueryDict) -> tuple[str, str]:
    return ("since", "id") if is_oldest_first(filters) else ("-since", "-id")


def walk(admin: ModelAdmin, request: HttpRequest, review: Review) -> Walk:
    filters = filters_of(request)
    return Walk(
        filters=filters,
        previous=_page_of(_neighbour(admin, request, review, forward=False), filters),
        next=_page_of(_neighbour(admin, request, review, forward=True), filters),
        all=list_of(filters),
    )


def page_of(review_id: int, filters: str) -> str:
    query = f"?{urlencode({FILTERS: filters})}" if filters else ""
    return reverse(_PAGE, args=[review_id]) + query


def list_of(filters: str) -> str:
    return reverse(_LIST) + (f"?{filters}" if filters else "")


def after(admin: ModelAdmin, request: HttpRequest, review: Review) -> int | None:
    """Find the next of the list; after the last one the first that is left."""
    following = _neighbour(admin, request, review, forward=True)
    if following is not None:
        return following
    left = _rows(admin, request).exclude(pk=review.pk)
    return left.order_by(*ordering(QueryDict(filters_of(request)))).first()


def _neighbour(
    admin: ModelAdmin, request: HttpRequest, review: Review, *, forward: bool
) -> int | None:
    """Find what stands beside a review's place, be the review itself still in the list or not."""
    is_later = forward == is_oldest_first(QueryDict(filters_of(request)))
    key: Any = Tuple(F("since"), F("id"))
    place = (review.since, review.pk)
    beside = TupleGreaterThan(key, place) if is_later else TupleLessThan(key, place)
    order = ("since", "id") if is_later else ("-since", "-id")
    return _rows(admin, request).filter(beside).order_by(*order).first()


def _rows(admin: ModelAdmin, request: HttpRequest) -> QuerySet[Any, int]:
    asked = copy.copy(request)
    asked.GET = QueryDict(filters_of(request))
    found: QuerySet = _Filtered(asked, Review, **_as_listed(admin, asked)).queryset
    return found.values_list("pk", flat=True)


def _as_listed(admin: ModelAdmin, request: HttpRequest) -> dict[str, Any]:
    return {
        "list_display": admin.get_list_display(request),
        "list_display_links": None,
        "list_filter": admin.get_list_filter(request),
        "date_hierarchy": None,
        "search_fields": admin.get_search_fields(request),
        "list_select_related": False,
        "list_per_page": 1,
        "list_max_show_all": 1,
        "list_editable": (),
        "model_admin": admin,
        "sortable_by": (),
        "search_help_text": None,
    }


def _page_of(review_id: int | None, filters: str) -> str:
    return "" if review_id is None else page_of(review_id, filters)
