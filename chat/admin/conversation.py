"""Conversations: found by their owner, title and words; read as a transcript."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chat.admin.filters import GENERATION_FILTERS
from chat.admin.read_only import link, may_view
from chat.admin.reason import ask
from chat.admin.recorded import RecordedAdmin
from chat.admin.stopping import may_stop
from chat.admin.transcript import STYLES, entries, piece_asked_for
from chat.admin.words import NOTHING, moment, status_words
from chat.models import Accessed, Conversation, Generation, Message


@admin.register(Conversation)
class ConversationAdmin(RecordedAdmin):
    """To read a transcript takes the right to view messages too; its numbers, that for generations."""

    accessed_list = Accessed.CONVERSATIONS
    accessed_row = Accessed.CONVERSATION
    list_display = ("named", "owner", "model", "last_status", "updated")
    list_display_links = ("named",)
    list_filter = (*GENERATION_FILTERS, "updated_at", "created_at")
    search_help_text = _("Words of titles, usernames and messages, or a uuid")
    ordering = ("-updated_at",)
    fields = (
        "id",
        "owner_link",
        "title",
        "model",
        "params",
        "revision",
        "created_at",
        "updated_at",
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

    def matching(self, request: HttpRequest, term: str, uuid: UUID | None) -> Q:
        found = Q(title__icontains=term) | Q(owner__username__icontains=term)
        messages = Message.objects.filter(conversation=OuterRef("pk"))
        if may_view(request, Message):
            found |= Q(Exists(messages.filter(content__icontains=term)))
        if uuid is not None:
            generations = Generation.objects.filter(conversation=OuterRef("pk"), pk=uuid)
            found |= Q(pk=uuid) | Q(Exists(messages.filter(pk=uuid))) | Q(Exists(generations))
        return found

    def get_urls(self) -> list[URLPattern]:
        asks = self.admin_site.admin_view(ask)
        own = path("<uuid:conversation_id>/reason/", asks, name="chat_access_reason")
        return [own, *super().get_urls()]

    def accessed_page(self, request: HttpRequest) -> Accessed:
        return Accessed.TRANSCRIPT if may_view(request, Message) else Accessed.CONVERSATION

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {**(extra_context or {}), "may_read": may_view(request, Message)}
        return super().change_view(request, object_id, form_url, context)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Conversation | None = None,
    ) -> HttpResponse:
        if obj is not None and context["may_read"]:
            numbers = may_view(request, Generation)
            piece = piece_asked_for(obj, request.GET)
            context["piece"] = piece
            context["transcript"] = entries(piece.places, with_generations=numbers)
            context["may_stop"] = may_stop(request)
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description=_("title"), ordering="title")
    def named(self, conversation: Conversation) -> str:
        return str(conversation)

    @admin.display(description=_("last answer"))
    def last_status(self, conversation: Conversation) -> str | Promise:
        status: str | None = getattr(conversation, "newest_status", None)
        return status_words(status) if status else NOTHING

    @admin.display(description=_("owner"))
    def owner_link(self, conversation: Conversation) -> SafeString:
        return link(conversation.owner)

    @admin.display(description=_("updated"), ordering="updated_at")
    def updated(self, conversation: Conversation) -> str:
        return moment(conversation.updated_at)
