"""What people said is shown to staff only after an entry of the access log says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.db import Error, models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from chat.admin.read_only import SearchedAdmin
from chat.admin.reason import kept_reasons, question
from chat.models import Access, Accessed, Conversation, User


class RecordedAdmin(SearchedAdmin):
    """Stores who is shown which conversations, in the request that shows them; without an entry nothing is shown."""

    # What its list and the page of one row show.
    accessed_list: Accessed
    accessed_row: Accessed

    def accessed_page(self, request: HttpRequest) -> Accessed:
        """Say what the page of a row shows to that person."""
        return self.accessed_row

    def accessed_rows(self, rows: list[Any]) -> list[tuple[Accessed, list[Any]]]:
        """Say what the list shows of its rows; of none of them too, if there are none."""
        return [(self.accessed_list, rows)]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        # It is not rendered yet; a redirect or an error has no list.
        changelist = (getattr(response, "context_data", None) or {}).get("cl")
        if changelist is None:
            return response
        for what, rows in self.accessed_rows(list(changelist.result_list)):
            refused = refusal(request, what, rows, changelist.query)
            if refused is not None:
                return refused
        return response

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        refused = _refusal_of_row(request, self.accessed_page(request), obj)
        return refused or super().render_change_form(request, context, add, change, form_url, obj)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().history_view(request, object_id, extra_context)
        row = (getattr(response, "context_data", None) or {}).get("object")
        if row is None:
            return response
        return _refusal_of_row(request, self.accessed_row, row) or response

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        # Django completes the names of any row that something points to. Nothing here asks for that.
        if request.resolver_match and request.resolver_match.url_name == "autocomplete":
            raise PermissionDenied
        return super().get_search_results(request, queryset, search_term)


def _refusal_of_row(request: HttpRequest, what: Accessed, row: Any) -> HttpResponse | None:
    """Ask for a reason first where the policy says so, then store that it is shown."""
    return question(request, _conversation_of(row)) or refusal(request, what, [row])


def refusal(
    request: HttpRequest, what: Accessed, rows: Iterable[models.Model], query: str = ""
) -> HttpResponse | None:
    """Store that rows are shown to somebody. Gives the page to show instead, if that cannot be stored."""
    try:
        record(request, what, rows, query)
    except Error:
        return render(request, "admin/chat/not_recorded.html", status=503)
    return None


def record(
    request: HttpRequest, what: Accessed, rows: Iterable[models.Model], query: str = ""
) -> None:
    """Store that rows are shown to somebody, or what was done to them.

    Raises the database's `Error`; then they must not be shown, nor may it be done.
    """
    Access.objects.record(
        cast("User", request.user),
        what,
        [_conversation_of(row) for row in rows],
        query=query,
        address=address_of(request),
        reasons=kept_reasons(request),
    )


def _conversation_of(row: Any) -> Conversation:
    conversation: Conversation = row if isinstance(row, Conversation) else row.conversation
    return conversation


def address_of(request: HttpRequest) -> str:
    """Give the client's address as sign-in does, which limits attempts by it; empty if nobody knows."""
    try:
        address: str = get_adapter().get_client_ip(request)
    except PermissionDenied:
        return ""
    return address
