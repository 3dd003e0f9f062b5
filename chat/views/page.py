"""The chat page: one HTML shell; what is in it comes over the socket."""

import uuid
from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.models import Conversation, User
from chat.views import limits, words

SOCKET_PATH = "/ws/chat/"


@require_safe
@never_cache
@login_required
def chat(request: HttpRequest, conversation_id: uuid.UUID | None = None) -> HttpResponse:
    """Show the page, with `conversation_id` open. Missing and someone else's are both 404."""
    if conversation_id is not None:
        mine = Conversation.objects.owned_by(cast("User", request.user))
        if not mine.filter(pk=conversation_id).exists():
            raise Http404
    context = {
        "page": _page(request, conversation_id),
        "words": words.address(get_language()),
        "access_shown": settings.ACCESS_SHOWN,
        "has_limits": limits.has_own(request),
    }
    return render(request, "chat.html", context)


def _page(request: HttpRequest, conversation_id: uuid.UUID | None) -> dict[str, object]:
    return {
        "user": {"id": request.user.pk, "username": request.user.get_username()},
        "conversation": str(conversation_id) if conversation_id else None,
        "socket": SOCKET_PATH,
        "session": reverse("session"),
        "signIn": reverse("account_login"),
    }
