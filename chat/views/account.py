"""What a person finds about their own account: the way to each page of it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
@login_required
def own(request: HttpRequest) -> HttpResponse:
    """Lead to the pages of an account."""
    return render(request, "account.html", {"access_shown": settings.ACCESS_SHOWN})
