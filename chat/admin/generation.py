"""Generations: how each attempt to write an answer went."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chat.admin.attempts import Attempt
from chat.admin.exporting import ExportedAdmin
from chat.admin.filters import GenerationFilter
from chat.admin.read_only import link, may_view, place_of
from chat.admin.stopping import may_stop, stop
from chat.admin.text_search import TextSearchAdmin
from chat.admin.transcript import STYLES
from chat.admin.under_way import under_way, under_way_now
from chat.admin.watching import live
from chat.admin.words import NOTHING, duration, moment, speed, status_words, tokens
from chat.models import Accessed, Generation, Message, SearchEntry, Status

FIELDS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (None, ("id", "in_conversation", "owner", "answer", "continues")),
    (
        _("Outcome"),
        ("status_in_words", "stopped", "finish_reason", "code", "retryable", "detail"),
    ),
    (_("Request"), ("model", "params", "runner")),
    (_("Times"), ("created_at", "started_at", "cancel_requested_at", "ended_at")),
    (
        _("Numbers"),
        (
            "input",
            "output",
            "cost",
            "queue",
            "first_word",
            "speed",
            "total",
            "chunks",
            "chars",
            "seq",
        ),
    ),
)


@admin.register(Generation)
class GenerationAdmin(ExportedAdmin, TextSearchAdmin):
    accessed_list = Accessed.GENERATIONS
    accessed_row = Accessed.GENERATION
    list_display = (
        "created",
        "status_in_words",
        "stopped",
        "code",
        "finish_reason",
        "model",
        "owner",
        "input",
        "output",
        "first_word",
        "total",
        "in_conversation",
    )
    list_display_links = ("created",)
    list_select_related = ("owner", "conversation__owner")
    list_filter = (GenerationFilter,)
    search_help_text = _(
        'Words, "phrases" and -what is not to be there, of the answer; or a username; or any uuid'
    )
    ordering = ("-created_at", "-id")
    fieldsets = tuple((title, {"fields": fields}) for title, fields in FIELDS)
    readonly_fields = tuple(name for _title, fields in FIELDS for name in fields)

    class Media:
        css = {"all": STYLES}

    def get_urls(self) -> list[URLPattern]:
        opens = self.admin_site.admin_view
        return [
            path("under-way/", opens(under_way), name="chat_generation_under_way"),
            path("under-way/now/", opens(under_way_now), name="chat_generation_under_way_now"),
            path("<uuid:generation_id>/live/", opens(live), name="chat_generation_live"),
            path("<uuid:generation_id>/stop/", opens(stop), name="chat_generation_stop"),
            *super().get_urls(),
        ]

    def page_context(self, request: HttpRequest, row: Generation) -> dict[str, Any]:
        if not row.is_live:
            return {}
        return {
            "attempt": Attempt(row),
            "may_read": may_view(request, Message),
            "may_stop": may_stop(request),
        }

    def with_uuid(self, uuid: UUID) -> Q:
        return Q(pk=uuid) | Q(message=uuid) | Q(conversation=uuid)

    def with_words(self, request: HttpRequest, entries: QuerySet[SearchEntry]) -> Q:
        if may_view(request, Message):
            return Q(message__in=entries.filter(message__isnull=False).values("message"))
        return Q(conversation__in=entries.values("conversation"))

    def of_people(self, people: list[int]) -> Q:
        return Q(owner__in=people)

    @admin.display(description=_("status"))
    def status_in_words(self, generation: Generation) -> str | Promise:
        return status_words(generation.status)

    @admin.display(description=_("stopped by"))
    def stopped(self, generation: Generation) -> str:
        if generation.status != Status.CANCELLED:
            return NOTHING
        return generation.stopped_by or generation.owner.get_username()

    @admin.display(description=_("input tokens"))
    def input(self, generation: Generation) -> str:
        return tokens(generation.input_tokens, estimated=generation.usage_estimated)

    @admin.display(description=_("output tokens"))
    def output(self, generation: Generation) -> str:
        return tokens(generation.output_tokens, estimated=generation.usage_estimated)

    @admin.display(description=_("queued for"))
    def queue(self, generation: Generation) -> str:
        return duration(generation.queue_ms)

    @admin.display(description=_("first word after"))
    def first_word(self, generation: Generation) -> str:
        return duration(generation.ttft_ms)

    @admin.display(description=_("speed"))
    def speed(self, generation: Generation) -> str:
        return speed(generation)

    @admin.display(description=_("total"))
    def total(self, generation: Generation) -> str:
        return duration(generation.total_ms)

    @admin.display(description=_("answer"))
    def answer(self, generation: Generation) -> SafeString:
        # By its uuid: its words are for those who may view messages.
        name = reverse("admin:chat_message_change", args=[generation.message_id])
        return format_html('<a href="{}">{}</a>', name, generation.message_id)

    @admin.display(description=_("conversation"))
    def in_conversation(self, generation: Generation) -> SafeString:
        return link(generation.conversation, anchor=place_of(generation.message_id))

    @admin.display(description=_("created"))
    def created(self, generation: Generation) -> str:
        return moment(generation.created_at)
