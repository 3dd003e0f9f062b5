"""What a person may ask for, and what is left of it today."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat import conversations
from chat.models import User
from chat.models.user_limits import limits_of


@require_safe
@never_cache
@login_required
def own(request: HttpRequest) -> HttpResponse:
    """Show that person's limits: their own, and those of all where they have none."""
    left = conversations.left_today(cast("User", request.user).pk)
    return render(request, "limits.html", {"left": left, "limits": conversations.limits(left.own)})


def has_own(request: HttpRequest) -> bool:
    """Tell whether there is something to be told of: a limit by day."""
    limits = limits_of(cast("User", request.user))
    return limits.prompts_per_day is not None or limits.tokens_per_day is not None
