"""Conversations: found by their owner, title and words; read as a transcript."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chat.admin.excerpts import Hit, best_hits
from chat.admin.exporting import ExportedAdmin
from chat.admin.filters import ConversationFilter
from chat.admin.read_only import link, may_view, place_of
from chat.admin.reason import ask
from chat.admin.stopping import may_stop
from chat.admin.text_search import TextSearchAdmin
from chat.admin.transcript import STYLES, entries, piece_asked_for
from chat.admin.words import NOTHING, moment, status_words
from chat.models import Accessed, Conversation, Generation, Message, SearchEntry
from chat.search import SearchQuery


@admin.register(Conversation)
class ConversationAdmin(ExportedAdmin, TextSearchAdmin):
    """To read a transcript takes the right to view messages too; its numbers, that for generations."""

    accessed_list = Accessed.CONVERSATIONS
    accessed_row = Accessed.CONVERSATION
    list_display = ("named", "owner", "model", "last_status", "updated")
    list_display_links = ("named",)
    list_filter = (ConversationFilter,)
    search_help_text = _(
        'Words, "phrases" and -what is not to be there, of titles and messages; or a username; or any uuid'
    )
    ordering = ("-updated_at", "-id")
    fields = (
        "id",
        "owner_link",
        "title",
        "model",
        "params",
        "revision",
        "created_at",
        "updated_at",
        "deleted_at",
    )
    readonly_fields = fields

    class Media:
        css = {"all": STYLES}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        newest = Generation.objects.filter(conversation=OuterRef("pk")).order_by("-created_at")
        conversations: QuerySet[Conversation] = super().get_queryset(request)
        return conversations.select_related("owner").annotate(
            newest_status=Subquery(newest.values("status")[:1])
        )

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        name, *others = self.list_display
        is_shown = request.GET.get("q") and may_view(request, Message)
        return (name, "found", *others) if is_shown else (name, *others)

    def with_uuid(self, uuid: UUID) -> Q:
        keys = {uuid}
        for model in (Message, Generation):
            keys |= {*model.objects.filter(pk=uuid).values_list("conversation", flat=True)}
        return Q(pk__in=keys)

    def with_words(self, request: HttpRequest, entries: QuerySet[SearchEntry]) -> Q:
        return Q(pk__in=entries.values("conversation"))

    def of_people(self, people: list[int]) -> Q:
        return Q(owner__in=people)

    def hits(self, rows: list[Conversation], query: SearchQuery) -> dict[UUID, Hit]:
        return best_hits([row.pk for row in rows], query)

    def accessed_rows(self, rows: list[Any]) -> list[tuple[Accessed, list[Any]]]:
        """Who is shown a piece of a message has been shown what was said."""
        with_words = [row for row in rows if getattr(row, "hit", None)]
        others = [row for row in rows if row not in with_words]
        parts = [(Accessed.MESSAGES, with_words), (self.accessed_list, others)]
        return [part for part in parts if part[1]] or [(self.accessed_list, [])]

    def get_urls(self) -> list[URLPattern]:
        asks = self.admin_site.admin_view(ask)
        own = path("<uuid:conversation_id>/reason/", asks, name="chat_access_reason")
        return [own, *super().get_urls()]

    def accessed_page(self, request: HttpRequest) -> Accessed:
        return Accessed.TRANSCRIPT if may_view(request, Message) else Accessed.CONVERSATION

    def page_context(self, request: HttpRequest, row: Conversation) -> dict[str, Any]:
        if not may_view(request, Message):
            return {"may_read": False}
        piece = piece_asked_for(row, request.GET)
        numbers = may_view(request, Generation)
        return {
            "may_read": True,
            "piece": piece,
            "transcript": entries(piece.places, with_generations=numbers),
            "may_stop": may_stop(request),
        }

    @admin.display(description=_("title"))
    def named(self, conversation: Conversation) -> str:
        if not conversation.is_deleted:
            return str(conversation)
        return format_html(
            '{} <span class="list-badge">{}</span>', conversation, _("deleted by the user")
        )

    @admin.display(description=_("found"))
    def found(self, conversation: Conversation) -> str:
        hit: Hit | None = getattr(conversation, "hit", None)
        if hit is None:
            return NOTHING
        place = place_of(hit.message)
        return format_html('<span class="list-hit">{}</span>', link(conversation, hit.piece, place))

    @admin.display(description=_("last answer"))
    def last_status(self, conversation: Conversation) -> str | Promise:
        status: str | None = getattr(conversation, "newest_status", None)
        return status_words(status) if status else NOTHING

    @admin.display(description=_("owner"))
    def owner_link(self, conversation: Conversation) -> SafeString:
        return link(conversation.owner)

    @admin.display(description=_("updated"))
    def updated(self, conversation: Conversation) -> str:
        return moment(conversation.updated_at)
