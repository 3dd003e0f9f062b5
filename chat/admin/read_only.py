"""What the record has in common in the admin: it is looked at and searched, and stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import smart_split, unescape_string_literal

from chat.admin.keyset import KeysetChangeList
from chat.admin.named_list import NamedList


class ReadOnlyAdmin(NamedList):
    """No one adds, changes or deletes here, superusers included; the view permission lets one read."""

    show_full_result_count = False
    # Counting each choice of each filter would read the whole table.
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    actions = None

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Give what the page of a row shows beside its fields. Asked only when it is going to be shown."""
        return {}

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context |= self.page_context(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SearchedAdmin(ReadOnlyAdmin):
    """Searched by words, all of which must be found, and by uuid; paged by place, in the order of `ordering` alone."""

    # Django shows the search box when this is not empty.
    search_fields = ("id",)
    # By another column the database would sort all of it.
    sortable_by = ()

    class Media:
        css = {"all": ("chat/admin/list.css",)}
        js = (Script("chat/admin/list_filter.js", type="module"),)

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[KeysetChangeList]:
        return KeysetChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        return self.searched(request, queryset, search_term.replace("\x00", "").strip()), False

    def searched(self, request: HttpRequest, queryset: QuerySet, said: str) -> QuerySet:
        """Keep the rows that what was typed finds."""
        for term in _terms(said):
            queryset = queryset.filter(self.matching(request, term, as_uuid(term)))
        return queryset

    def matching(self, request: HttpRequest, term: str, uuid: UUID | None) -> Q:
        """Say which rows one term finds; `uuid` is the term as a uuid, if it is one."""
        raise NotImplementedError


def may_view(request: HttpRequest, model: type[Model]) -> bool:
    """Tell whether the admin would show that person rows of `model`."""
    return admin.site.get_model_admin(model).has_view_permission(request)


def link(obj: Model, text: str = "", anchor: str = "") -> SafeString:
    """Link to the page of one of our objects in the admin."""
    name = f"admin:chat_{type(obj).__name__.lower()}_change"
    return format_html('<a href="{}{}">{}</a>', reverse(name, args=[obj.pk]), anchor, text or obj)


def place_of(message: UUID | None) -> str:
    """Give what leads to a message, after the address of its conversation's page: that shows a part of a long one."""
    return f"?around={message}#message-{message}" if message else ""


def _terms(said: str) -> Iterable[str]:
    """Split at spaces; words in quotes belong together."""
    for term in smart_split(said):
        quoted = len(term) > 1 and term[0] == term[-1] and term[0] in "\"'"
        yield unescape_string_literal(term) if quoted else term


def as_uuid(term: str) -> UUID | None:
    try:
        return UUID(term)
    except ValueError:
        return None
