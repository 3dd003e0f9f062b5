"""The access log: who of the staff was shown what, found by person, conversation and date."""

from __future__ import annotations

from uuid import UUID

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.admin.exporting import ExportedAdmin
from chat.admin.filters import AccessFilter
from chat.admin.read_only import SearchedAdmin
from chat.models import Access


@admin.register(Access)
class AccessAdmin(ExportedAdmin, SearchedAdmin):
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
    list_filter = (AccessFilter,)
    search_help_text = _(
        "A username, of the reader or the owner, or the uuid of a conversation, in full"
    )
    ordering = ("-id",)
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
