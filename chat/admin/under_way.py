"""What is queued and written now, for staff who look whether all is well."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import Error
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chat.admin.attempts import Attempt
from chat.admin.read_only import may_view
from chat.admin.recorded import record, refusal
from chat.admin.seen import Seen
from chat.admin.stopping import may_stop
from chat.admin.words import duration
from chat.models import Accessed, Generation, Status

# More than a provider has places for; of a long queue the front is shown.
MOST_SHOWN = 200


@require_safe
def under_way(request: HttpRequest) -> HttpResponse:
    """List what runs and what waits, each the longest first, once the access log says who is shown it."""
    if not may_view(request, Generation):
        raise PermissionDenied
    rows = _live()
    refused = refusal(request, Accessed.GENERATIONS, rows)
    if refused is not None:
        return refused
    context = {
        **admin.site.each_context(request),
        "title": _("Answers under way"),
        "opts": Generation._meta,
        **_shown(request, rows),
        "seen": Seen.told_by(request).after(request, rows),
    }
    return render(request, "admin/chat/generation/under_way.html", context)


@require_POST
def under_way_now(request: HttpRequest) -> JsonResponse:
    """Give the page that is open the list as it is now, once what is new on it is in the access log.

    `seen` is the token of the look before, by which the others are known to be there already.
    """
    if not may_view(request, Generation):
        raise PermissionDenied
    seen, rows = Seen.told_by(request), _live()
    try:
        if unseen := seen.unseen(rows):
            record(request, Accessed.GENERATIONS, unseen)
    except Error:
        return JsonResponse({"unrecorded": True}, status=503)
    shown = _shown(request, rows)
    page = render_to_string("admin/chat/generation/under_way_rows.html", shown)
    told = {name: shown[name] for name in ("how_many", "at", "is_cut")}
    return JsonResponse({"seen": seen.after(request, rows), "rows": page, **told})


def _live() -> list[Generation]:
    """Read them with the time by the database's clock, which wrote when they began."""
    live = Generation.objects.live().select_related("conversation__owner", "owner")
    return [*live.annotate(now=Now()).order_by("status", "created_at")[:MOST_SHOWN]]


def _shown(request: HttpRequest, rows: list[Generation]) -> dict[str, Any]:
    return {
        "rows": [(Attempt(row), _waited(row)) for row in rows],
        "how_many": _how_many(rows),
        "at": timezone.localtime().strftime("%H:%M:%S"),
        "is_cut": len(rows) == MOST_SHOWN,
        "may_stop": may_stop(request),
    }


def _how_many(rows: list[Generation]) -> str:
    running = sum(row.status == Status.IN_PROGRESS for row in rows)
    told = {"running": running, "waiting": len(rows) - running}
    return _("Being written: %(running)s. Waiting: %(waiting)s.") % told


def _waited(row: Any) -> str:
    """Say how long it has been written, or waits."""
    began: datetime | None = row.started_at if row.status == Status.IN_PROGRESS else row.created_at
    waited = row.now - began if began else timedelta()
    return duration(max(0, round(waited.total_seconds() * 1000)))
