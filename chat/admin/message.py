"""Messages: one turn each, and the way to the transcript around it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chat.admin.beginnings import beginning, in_words
from chat.admin.excerpts import Hit, hits_of_messages
from chat.admin.exporting import ExportedAdmin
from chat.admin.filters import MessageFilter
from chat.admin.read_only import link, place_of
from chat.admin.text_search import TextSearchAdmin
from chat.admin.transcript import STYLES
from chat.admin.words import moment
from chat.models import Accessed, Message, Role, SearchEntry
from chat.search import SearchQuery


@admin.register(Message)
class MessageAdmin(ExportedAdmin, TextSearchAdmin):
    accessed_list = Accessed.MESSAGES
    accessed_row = Accessed.MESSAGE
    list_display = ("created", "role", "excerpt", "in_conversation", "owner")
    list_display_links = ("created",)
    list_filter = (MessageFilter,)
    search_help_text = _(
        'Words, "phrases" and -what is not to be there; or a username; or the uuid of a message or a conversation'
    )
    ordering = ("-created_at", "-id")
    fields = ("id", "in_conversation", "owner", "role", "parent", "created_at")
    readonly_fields = fields

    change_form_template = "admin/chat/message/change_form.html"

    class Media:
        css = {"all": STYLES}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        # A message may be long, and a list shows fifty: it reads their beginnings alone.
        messages: QuerySet[Message] = super().get_queryset(request)
        return (
            messages.select_related("conversation__owner")
            .annotate(beginning=beginning(request, "content"))
            .defer("content", "reasoning")
        )

    def page_context(self, request: HttpRequest, row: Message) -> dict[str, Any]:
        return {"message": row, "is_answer": row.role == Role.ASSISTANT}

    def with_uuid(self, uuid: UUID) -> Q:
        return Q(pk=uuid) | Q(conversation=uuid)

    def with_words(self, request: HttpRequest, entries: QuerySet[SearchEntry]) -> Q:
        return Q(pk__in=entries.filter(message__isnull=False).values("message"))

    def of_people(self, people: list[int]) -> Q:
        return Q(conversation__owner__in=people)

    def hits(self, rows: list[Message], query: SearchQuery) -> dict[UUID, Hit]:
        return hits_of_messages([row.pk for row in rows], query)

    @admin.display(description=_("content"))
    def excerpt(self, message: Message) -> str | Promise:
        hit: Hit | None = getattr(message, "hit", None)
        if hit is None:
            return in_words(getattr(message, "beginning", ""))
        found = link(message.conversation, hit.piece, place_of(message.pk))
        return format_html('<span class="list-hit">{}</span>', found)

    @admin.display(description=_("conversation"))
    def in_conversation(self, message: Message) -> SafeString:
        return link(message.conversation, anchor=place_of(message.pk))

    @admin.display(description=_("owner"))
    def owner(self, message: Message) -> str:
        return message.conversation.owner.get_username()

    @admin.display(description=_("created"))
    def created(self, message: Message) -> str:
        return moment(message.created_at)
