"""The list of answers to review, and where its pages are."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin
from django.db.models import Case, Expression, Q, QuerySet, Value, When
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat.admin.exporting import ExportedAdmin
from chat.admin.read_only import may_view
from chat.admin.reason import kept_reasons
from chat.admin.recorded import RecordedAdmin
from chat.admin.review.act import act, flag
from chat.admin.review.filters import ReviewFilter
from chat.admin.review.page import context_of
from chat.admin.review.walk import ordering, walk
from chat.admin.review.words import details, state, why
from chat.admin.transcript import STYLES
from chat.admin.words import moment
from chat.models import Accessed, Message, Review

EXCERPT_CHARS = 120
# Counted up to here: that there are more is all one needs to know.
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
            prompt=_beginning(request, "message__parent__content"),
            answer=_beginning(request, "message__content"),
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

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Review | None = None,
    ) -> HttpResponse:
        if obj is not None:
            title = gettext("Answer to review %(number)s") % {"number": obj}
            context |= {"title": title, "walk": walk(self, request, obj)}
            context |= context_of(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

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
        if prompt is None and answer is None:
            return _("(say first why you read it)")
        return format_html(
            '<span class="review-prompt">{}</span> <span class="review-answer">{}</span>',
            _cut(prompt),
            _cut(answer),
        )

    @admin.display(description=_("owner and model"))
    def origin(self, review: Review) -> SafeString:
        owner = review.conversation.owner.get_username()
        return format_html('{}<div class="quiet">{}</div>', owner, review.model)

    @admin.display(description=_("assigned to"))
    def assigned(self, review: Review) -> str:
        return state(review)


def _title() -> str:
    count = Review.objects.open()[: MOST_OPEN + 1].count()
    number = f"{MOST_OPEN}+" if count > MOST_OPEN else str(count)
    return gettext("Answers to review · %(number)s open") % {"number": number}


def _cut(text: str | None) -> str | Promise:
    if not text:
        return _("(empty)")
    return f"{text[:EXCERPT_CHARS]}…" if len(text) > EXCERPT_CHARS else text


def _beginning(request: HttpRequest, field: str) -> Expression:
    """Give how a text begins; nothing, where a reason is required that has not been given."""
    beginning = Left(field, EXCERPT_CHARS + 1)
    if settings.ACCESS_REASON != "required":
        return beginning
    given = When(conversation__in=[*kept_reasons(request)], then=beginning)
    return Case(given, default=Value(None))
