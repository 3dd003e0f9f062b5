"""A shared conversation: read by anyone with the link, who is told nothing of its owner."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.conversations.share import shared
from chat.views.transcript import transcript_page


@require_safe
@never_cache
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Show what was shared. A revoked link looks like one that never was.

    It takes no session and sets no cookie. No index keeps it, and no site that is linked from it
    learns the link.
    """
    found = shared(token)
    if found is None:
        raise Http404
    response = transcript_page(request, found.title, found.messages, is_shared=True)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
