"""Staff stop an answer that is not theirs: stored with their name and in the access log, all or nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import Error, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chat.admin.reason import question
from chat.admin.recorded import record
from chat.admin.words import status_words
from chat.conversations import Cancelling, cancel_for_staff
from chat.models import Accessed, Generation


def may_stop(request: HttpRequest) -> bool:
    user: Any = request.user
    return bool(user.has_perm("chat.stop_generation"))


@require_POST
def stop(request: HttpRequest, generation_id: UUID) -> HttpResponse:
    """Stop one that is queued or running, and say if it had ended before. Leads back to where it was asked."""
    if not may_stop(request):
        raise PermissionDenied
    rows = Generation.objects.select_related("conversation__owner")
    generation = get_object_or_404(rows, pk=generation_id)
    page = reverse("admin:chat_generation_change", args=[generation.pk])
    asked = question(request, generation.conversation, back=page)
    if asked is not None:
        return asked
    try:
        done = _stopped(request, generation)
    except Error:
        messages.error(request, _("It was not stopped: that could not be stored. Try again."))
    else:
        _tell(request, done)
        _say(request, generation, done)
    return HttpResponseRedirect(_back(request) or page)


def _stopped(request: HttpRequest, generation: Generation) -> Cancelling:
    """Stop it and store who did. What had ended before was stopped by nobody."""
    name = request.user.get_username()
    with transaction.atomic():
        done = cancel_for_staff(generation.pk, name)
        if done.generations:
            record(request, Accessed.STOP, [generation])
    return done


def _tell(request: HttpRequest, done: Cancelling) -> None:
    """Tell the process's own Engine. Others, and all where there is none, see it in the database."""
    engine = getattr(request, "scope", {}).get("engine")
    if engine is not None:
        engine.tell_stopped(done.generations, done.envelopes)


def _say(request: HttpRequest, generation: Generation, done: Cancelling) -> None:
    if done.envelopes:
        messages.success(request, _("It was taken out of the queue."))
    elif done.generations:
        messages.success(request, _("It was asked to stop and ends within a moment."))
    else:
        generation.refresh_from_db()
        how = {"status": status_words(generation.status)}
        messages.warning(request, _("It had ended before: %(status)s.") % how)


def _back(request: HttpRequest) -> str | None:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if is_ours else None
