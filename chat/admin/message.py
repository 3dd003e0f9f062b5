"""Messages: one turn each, and the way to the transcript around it."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import admin
from django.db.models import Case, Expression, Q, QuerySet, Value, When
from django.db.models.functions import Left
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chat.admin.filters import GENERATION_FILTERS
from chat.admin.read_only import link
from chat.admin.reason import kept_reasons
from chat.admin.recorded import RecordedAdmin
from chat.admin.words import moment
from chat.models import Accessed, Message

EXCERPT_CHARS = 120


@admin.register(Message)
class MessageAdmin(RecordedAdmin):
    accessed_list = Accessed.MESSAGES
    accessed_row = Accessed.MESSAGE
    list_display = ("created", "role", "excerpt", "in_conversation", "owner")
    list_display_links = ("excerpt",)
    list_filter = ("role", *GENERATION_FILTERS, "created_at")
    search_help_text = _("Words of messages and usernames, or a uuid")
    ordering = ("-created_at",)
    fields = ("id", "in_conversation", "owner", "role", "parent", "text", "thinking", "created_at")
    readonly_fields = fields

    class Media:
        css = {"all": ("chat/admin/transcript.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        # A message may be long, and a list shows fifty: it reads their beginnings alone.
        messages: QuerySet[Message] = super().get_queryset(request)
        return (
            messages.select_related("conversation__owner")
            .annotate(beginning=_beginning(request))
            .defer("content", "reasoning")
        )

    def matching(self, request: HttpRequest, term: str, uuid: UUID | None) -> Q:
        found = Q(content__icontains=term) | Q(conversation__owner__username__icontains=term)
        if uuid is not None:
            found |= Q(pk=uuid) | Q(conversation=uuid)
        return found

    @admin.display(description=_("content"))
    def excerpt(self, message: Message) -> str | Promise:
        beginning: str | None = getattr(message, "beginning", "")
        if beginning is None:
            return _("(say first why you read it)")
        shown = beginning[:EXCERPT_CHARS] or _("(empty)")
        return f"{shown}…" if len(beginning) > EXCERPT_CHARS else str(shown)

    @admin.display(description=_("conversation"))
    def in_conversation(self, message: Message) -> SafeString:
        return link(message.conversation, anchor=f"#message-{message.pk}")

    @admin.display(description=_("owner"), ordering="conversation__owner__username")
    def owner(self, message: Message) -> str:
        return message.conversation.owner.get_username()

    @admin.display(description=_("content"))
    def text(self, message: Message) -> SafeString:
        return format_html('<div class="transcript-text">{}</div>', message.content)

    @admin.display(description=_("reasoning"))
    def thinking(self, message: Message) -> SafeString:
        return format_html('<div class="transcript-text">{}</div>', message.reasoning)

    @admin.display(description=_("created"), ordering="created_at")
    def created(self, message: Message) -> str:
        return moment(message.created_at)


def _beginning(request: HttpRequest) -> Expression:
    """Give how a message begins; nothing, where a reason is required that has not been given."""
    beginning = Left("content", EXCERPT_CHARS + 1)
    if settings.ACCESS_REASON != "required":
        return beginning
    given = When(conversation__in=[*kept_reasons(request)], then=beginning)
    return Case(given, default=Value(None))
