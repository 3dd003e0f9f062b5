"""The access log: who of the staff was shown what, found by person, conversation and date."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.admin.read_only import SearchedAdmin
from chat.models import Access, User

# Pages reach so far back; what is older is found by searching and filtering.
MOST_COUNTED = 10_000
# Choices of a filter.
MOST_READERS = 100


class NewestPaginator(Paginator):
    """Pages over the newest rows: counting all of a log that only grows takes ever longer."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        number: int = rows[:MOST_COUNTED].count()
        return number


class ReaderFilter(admin.SimpleListFilter):
    """The staff there are now, whose names are known without reading the log; others are searched for."""

    title = _("reader")
    parameter_name = "reader"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        staff = User.objects.filter(is_staff=True).order_by("username")
        names = staff.values_list("username", flat=True)[:MOST_READERS]
        return [(name, name) for name in names]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset if self.value() is None else queryset.filter(reader_name=self.value())


@admin.register(Access)
class AccessAdmin(SearchedAdmin):
    list_display = (
        "moment",
        "reader_name",
        "what",
        "owner_name",
        "conversation",
        "query",
        "reason",
    )
    list_display_links = ("moment",)
    list_filter = (ReaderFilter, "what", "at")
    search_help_text = _(
        "A username, of the reader or the owner, or the uuid of a conversation, in full"
    )
    ordering = ("-id",)
    # By another column the database would sort all of it.
    sortable_by = ()
    paginator = NewestPaginator
    fields = (
        "at",
        "reader_name",
        "reader",
        "what",
        "conversation",
        "owner_name",
        "owner",
        "query",
        "reason",
        "address",
    )
    readonly_fields = fields

    def matching(self, request: HttpRequest, term: str, uuid: UUID | None) -> Q:
        if uuid is not None:
            return Q(conversation=uuid)
        # Whole names, which the indexes find.
        return Q(reader_name=term) | Q(owner_name=term)

    @admin.display(description=_("time"))
    def moment(self, access: Access) -> str:
        return timezone.localtime(access.at).strftime("%Y-%m-%d %H:%M:%S")
