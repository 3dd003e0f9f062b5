"""What the forms of a review send: one act each, done or refused in words, and then the page that comes next."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.options import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from chat import reviews
from chat.admin.read_only import place_of
from chat.admin.review.drafts import keep_draft
from chat.admin.review.page import may_act
from chat.admin.review.walk import after, filters_of, list_of, page_of
from chat.admin.review.words import DECISIONS, refused
from chat.models import Message, Outcome, Review, User
from chat.models.review import NOTE_MAX_CHARS
from chat.reviews import Refusal, RefusedError

Work = Callable[[int, User, QueryDict], None]


def act(model_admin: ModelAdmin, request: HttpRequest, review_id: int, name: str) -> HttpResponse:
    """Do what a form of the page asks. It shows nothing of the conversation, and so records nothing."""
    _check_may_act(model_admin, request)
    if request.method != "POST":
        # Who had to sign in first is led here.
        return redirect(page_of(review_id, ""))
    review = Review.objects.filter(pk=review_id).first()
    if review is None or name not in _WORKS:
        raise Http404
    try:
        _WORKS[name](review_id, cast("User", request.user), request.POST)
    except RefusedError as error:
        keep_draft(request, review_id, request.POST.get("text", ""))
        messages.error(request, refused(error))
        return redirect(page_of(review_id, filters_of(request)))
    keep_draft(request, review_id, "")
    if name != "resolve":
        return redirect(page_of(review_id, filters_of(request)))
    return redirect(_next_page(model_admin, request, review))


def flag(model_admin: ModelAdmin, request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Ask why an answer is to be reviewed, and put it into the queue. It shows nothing of the conversation."""
    _check_may_act(model_admin, request)
    message = Message.objects.filter(pk=message_id).only("conversation").first()
    if message is None:
        raise Http404
    reason, refusal = request.POST.get("text", ""), ""
    if request.method == "POST":
        try:
            reviews.flag(message_id, cast("User", request.user), reason)
        except RefusedError as error:
            refusal = refused(error)
        else:
            messages.success(request, _("It is in the queue of answers to review."))
            place = reverse("admin:chat_conversation_change", args=[message.conversation_id])
            return redirect(f"{place}{place_of(message_id)}")
    context = {
        **admin.site.each_context(request),
        "title": _("Why is this answer to be reviewed?"),
        "message": message,
        "reason": reason,
        "refusal": refusal,
        "most": NOTE_MAX_CHARS,
    }
    return render(request, "admin/chat/review/flag.html", context)


def _check_may_act(model_admin: ModelAdmin, request: HttpRequest) -> None:
    if not (model_admin.has_view_permission(request) and may_act(request)):
        raise PermissionDenied


def _hand(review_id: int, me: User, sent: QueryDict) -> None:
    before, to = _whole(sent.get("before", "")), _whole(sent.get("to", ""))
    if to is None:
        raise RefusedError(Refusal.NO_REVIEWER)
    reviews.hand(review_id, me, before, to, sent.get("text", ""))


def _resolve(review_id: int, me: User, sent: QueryDict) -> None:
    outcome = sent.get("outcome", "")
    if outcome not in DECISIONS:
        raise RefusedError(Refusal.NO_OUTCOME)
    reviews.resolve(review_id, me, Outcome(outcome), sent.get("text", ""))


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


_WORKS: dict[str, Work] = {
    "note": lambda pk, me, sent: reviews.note(pk, me, sent.get("text", "")),
    "take": lambda pk, me, sent: reviews.take(pk, me, sent.get("text", "")),
    "give_back": lambda pk, me, sent: reviews.give_back(pk, me, sent.get("text", "")),
    "hand": _hand,
    "resolve": _resolve,
    "reopen": lambda pk, me, sent: reviews.reopen(pk, me, sent.get("text", "")),
}


def _next_page(model_admin: ModelAdmin, request: HttpRequest, review: Review) -> str:
    """Go on in the list, now that one is resolved."""
    filters = filters_of(request)
    following = after(model_admin, request, review)
    if following is not None:
        messages.success(request, _("Resolved. This is the next one."))
        return page_of(following, filters)
    messages.success(request, _("Resolved. That was the last one of the list."))
    return list_of(filters)
