"""What is queued and written now, for staff who look whether all is well."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chat.admin.attempts import Attempt
from chat.admin.read_only import may_view
from chat.admin.recorded import refusal
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
    now, rows = _live()
    refused = refusal(request, Accessed.GENERATIONS, rows)
    if refused is not None:
        return refused
    context = {
        **admin.site.each_context(request),
        "title": _("Answers under way"),
        "opts": Generation._meta,
        "rows": [(Attempt(row), _waited(row, now)) for row in rows],
        "is_cut": len(rows) == MOST_SHOWN,
        "may_stop": may_stop(request),
    }
    return render(request, "admin/chat/generation/under_way.html", context)


def _live() -> tuple[datetime | None, list[Generation]]:
    """Read them, and the time by the database's clock, which wrote when they began."""
    live = Generation.objects.live().select_related("conversation__owner", "owner")
    rows = list(live.annotate(now=Now()).order_by("status", "created_at")[:MOST_SHOWN])
    return (rows[0].now if rows else None), [*rows]


def _waited(row: Generation, now: datetime | None) -> str:
    """Say how long it has been written, or waits."""
    began = row.started_at if row.status == Status.IN_PROGRESS else row.created_at
    waited = now - began if now and began else timedelta()
    return duration(max(0, round(waited.total_seconds() * 1000)))
