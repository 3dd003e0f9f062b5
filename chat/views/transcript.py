"""A conversation on a page of its own, to read or to print."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from chat.models import Message
from chat.views import words


def transcript_page(
    request: HttpRequest, title: str, messages: Iterable[Message], *, is_shared: bool = False
) -> HttpResponse:
    """Show `messages` in order, each text escaped; the page's script then draws the answers."""
    context = {
        "title": title,
        "transcript": messages,
        "is_shared": is_shared,
        "words": words.address(get_language()),
    }
    return render(request, "transcript.html", context)
