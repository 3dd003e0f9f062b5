"""Why somebody reads a conversation: asked first where the policy says so, and kept for that conversation for a while."""

from __future__ import annotations

import time
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from chat.models import Conversation
from chat.models.access import REASON_MAX_CHARS

KEPT_S = 30 * 60
_KEY = "access_reasons"


def kept_reasons(request: HttpRequest) -> dict[str, str]:
    """Give what that person has said within the last half hour, by the conversation's id."""
    kept = request.session.get(_KEY, {})
    now = time.time()
    is_enough = settings.ACCESS_REASON != "required"
    return {key: said for key, (said, until) in kept.items() if until > now and (said or is_enough)}


def question(
    request: HttpRequest, conversation: Conversation, back: str = ""
) -> HttpResponseRedirect | None:
    """Give the way to the page that asks, if that person is to say why they read the conversation.

    `back`: where it leads when it is answered; without it, to what was asked for.
    """
    if settings.ACCESS_REASON == "off" or str(conversation.pk) in kept_reasons(request):
        return None
    page = reverse("admin:chat_access_reason", args=[conversation.pk])
    return HttpResponseRedirect(f"{page}?{urlencode({'next': back or request.get_full_path()})}")


def ask(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Ask, and keep what is answered. It shows nothing of the conversation, so it needs no right to."""
    is_required = settings.ACCESS_REASON == "required"
    said = request.POST.get("reason", "").replace("\x00", "").strip()[:REASON_MAX_CHARS]
    if request.method == "POST" and (said or not is_required):
        _keep(request, conversation_id, said)
        return HttpResponseRedirect(_next_of(request, conversation_id))
    context = {
        **admin.site.each_context(request),
        "title": _("Why do you read this conversation?"),
        "conversation": conversation_id,
        "is_required": is_required,
        "is_missing": request.method == "POST",
        "minutes": KEPT_S // 60,
        "most": REASON_MAX_CHARS,
    }
    return render(request, "admin/chat/reason.html", context)


def _keep(request: HttpRequest, conversation_id: UUID, said: str) -> None:
    now = time.time()
    kept = {key: each for key, each in request.session.get(_KEY, {}).items() if each[1] > now}
    request.session[_KEY] = {**kept, str(conversation_id): [said, now + KEPT_S]}


def _next_of(request: HttpRequest, conversation_id: UUID) -> str:
    wanted = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        return wanted
    return reverse("admin:chat_conversation_change", args=[conversation_id])
