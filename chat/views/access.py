"""What a person is told of who reads their conversations: that and when staff did, not who."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.models import Access, Conversation, User

MOST_SHOWN = 200


@require_safe
@never_cache
@login_required
def shown(request: HttpRequest) -> HttpResponse:
    """List when staff were shown the words of that person's conversations, the newest first."""
    if not settings.ACCESS_SHOWN:
        raise Http404
    user = cast("User", request.user)
    looks = list(Access.objects.at_words_of(user).only("at", "what", "conversation")[:MOST_SHOWN])
    mine = Conversation.objects.owned_by(user)
    ids = {look.conversation for look in looks if look.conversation}
    there = mine.only("title").in_bulk(ids)
    rows = [(look, there.get(look.conversation)) for look in looks if look.conversation]
    return render(request, "access.html", {"rows": rows})
