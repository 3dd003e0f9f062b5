"""An answer while it is written, as staff watch it: what is stored of it, and nothing before the access log says so."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET

from chat.admin.attempts import Attempt, SoFar, so_far
from chat.admin.read_only import may_view
from chat.admin.reason import KEPT_S, question
from chat.admin.recorded import record
from chat.admin.words import status_words
from chat.models import Accessed, Delta, Generation, Message

# A tick writes a row for each answer: those of a minute and a half.
MOST_AT_ONCE = 2_000
_SALT = "chat.admin.watching"


@require_GET
def live(request: HttpRequest, generation_id: UUID) -> JsonResponse:
    """Give what is stored of an answer after the delta `after`, and its numbers once it has ended.

    The first answer begins a watch: an entry of the access log, and a token (`watch`) that says so for half an
    hour. Who may not view messages is told how it stands, without a word of it and so without an entry.
    """
    if not may_view(request, Generation):
        raise PermissionDenied
    rows = Generation.objects.select_related("conversation__owner")
    generation = get_object_or_404(rows, pk=generation_id)
    if not may_view(request, Message):
        return JsonResponse(_standing(generation))
    token = request.GET.get("watch", "")
    if not _is_begun(request, generation, token):
        refused = _begin(request, generation)
        if refused is not None:
            return refused
        token = signing.dumps(_watch_of(request, generation), salt=_SALT)
    told = {"watch": token, **_standing(generation), **_words(generation, _after(request))}
    return JsonResponse(told)


def _begin(request: HttpRequest, generation: Generation) -> JsonResponse | None:
    """Ask for a reason first where the policy says so, then store that it is watched."""
    page = reverse("admin:chat_generation_change", args=[generation.pk])
    asked = question(request, generation.conversation, back=page)
    if asked is not None:
        return JsonResponse({"ask": asked.url}, status=403)
    try:
        record(request, Accessed.WATCH, [generation])
    except Error:
        return JsonResponse({"unrecorded": True}, status=503)
    return None


def _watch_of(request: HttpRequest, generation: Generation) -> list[Any]:
    return [request.user.pk, str(generation.pk)]


def _is_begun(request: HttpRequest, generation: Generation, token: str) -> bool:
    try:
        begun = signing.loads(token, salt=_SALT, max_age=KEPT_S)
    except signing.BadSignature:
        return False
    return bool(begun == _watch_of(request, generation))


def _after(request: HttpRequest) -> int:
    given = request.GET.get("after", "")
    return int(given) if given.isdecimal() and len(given) < 10 else 0


def _standing(generation: Generation) -> dict[str, Any]:
    """Say how it stands; once it has ended, with what is shown below it in the transcript."""
    attempt = Attempt(generation)
    standing = {
        "live": generation.is_live,
        "stopping": attempt.is_stopping,
        "state": generation.status,
        "status": str(status_words(generation.status)),
    }
    if generation.is_live:
        return standing
    page = render_to_string("admin/chat/conversation/attempt.html", {"attempt": attempt})
    return {**standing, "attempt": page}


def _words(generation: Generation, after: int) -> dict[str, Any]:
    """Give what came after that delta; of an answer that has ended all of its text, which its message has now."""
    if not generation.is_live:
        message = Message.objects.get(pk=generation.message_id)
        return {"content": message.content, "reasoning": message.reasoning}
    more = _log_of(generation, after)
    return {"seq": more.seq or after, "content": more.content, "reasoning": more.reasoning}


def _log_of(generation: Generation, after: int) -> SoFar:
    rows = Delta.objects.filter(generation=generation, seq__gt=after).order_by("seq")
    return so_far(list(rows.values_list("seq", "kind", "text")[:MOST_AT_ONCE]))
