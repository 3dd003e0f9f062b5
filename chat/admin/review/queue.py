"""The list of answers to review, and where its pages are."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat.admin.beginnings import WITHHELD, beginning, in_words
from chat.admin.exporting import ExportedAdmin
from chat.admin.read_only import may_view
from chat.admin.recorded import RecordedAdmin
from chat.admin.review.act import act, flag
from chat.admin.review.filters import ReviewFilter
from chat.admin.review.page import context_of
from chat.admin.review.waiting import open_in_number
from chat.admin.review.walk import ordering, walk
from chat.admin.review.words import details, state, why
from chat.admin.transcript import STYLES
from chat.admin.words import moment
from chat.models import Accessed, Message, Review

# Counted up to here.
MOST_OPEN = 1000


@admin.register(Review)
class ReviewAdmin(ExportedAdmin, RecordedAdmin):
    """To see it takes the right to view messages too, since it shows them; numbers and errors, that for generations."""

    accessed_list = Accessed.REVIEWS
    accessed_row = Accessed.REVIEW
    list_display = ("waiting", "assigned", "causes", "words", "origin")
    list_display_links = ("waiting", "words")
    list_select_related = ("conversation__owner",)
    list_filter = (ReviewFilter,)
    search_help_text = _("A username or the uuid of a conversation or answer, in full")
    change_form_template = "admin/chat/review/change_form.html"

    class Media:
        css = {"all": (*STYLES, "chat/admin/review.css")}

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and may_view(request, Message)

    def get_ordering(self, request: HttpRequest) -> tuple[str, str]:
        return ordering(request.GET)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        reviews: QuerySet[Review] = super().get_queryset(request)
        return reviews.annotate(
            prompt=beginning(request, "message__parent__content"),
            answer=beginning(request, "message__content"),
        )

    def matching(self, request: HttpRequest, term: str, uuid: UUID | None) -> Q:
        if uuid is not None:
            return Q(conversation=uuid) | Q(message=uuid)
        return Q(conversation__owner__username=term)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path(
                "<int:review_id>/act/<slug:name>/", view(partial(act, self)), name="chat_review_act"
            ),
            path("flag/<uuid:message_id>/", view(partial(flag, self)), name="chat_review_flag"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": _title(), **(extra_context or {})}
        return super().changelist_view(request, context)

    def page_context(self, request: HttpRequest, row: Review) -> dict[str, Any]:
        title = gettext("Answer to review %(number)s") % {"number": row}
        return {"title": title, "walk": walk(self, request, row), **context_of(request, row)}

    @admin.display(description=_("waiting since"))
    def waiting(self, review: Review) -> str:
        return moment(review.since)

    @admin.display(description=_("why"))
    def causes(self, review: Review) -> SafeString:
        more = details(review)
        return format_html('{}<div class="quiet">{}</div>' if more else "{}", why(review), more)

    @admin.display(description=_("prompt and answer"))
    def words(self, review: Review) -> SafeString | str | Promise:
        prompt, answer = getattr(review, "prompt", ""), getattr(review, "answer", "")
        if answer is None:
            return WITHHELD
        return format_html(
            '<span class="review-prompt">{}</span> <span class="review-answer">{}</span>',
            in_words(prompt or ""),
            in_words(answer),
        )

    @admin.display(description=_("owner and model"))
    def origin(self, review: Review) -> SafeString:
        owner = review.conversation.owner.get_username()
        return format_html('{}<div class="quiet">{}</div>', owner, review.model)

    @admin.display(description=_("assigned to"))
    def assigned(self, review: Review) -> str:
        return state(review)


def _title() -> str:
    return gettext("Answers to review · %(number)s open") % {"number": open_in_number(MOST_OPEN)}
