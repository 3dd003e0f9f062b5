"""A conversation as a file: streamed, to its owner alone."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.conversations import export
from chat.engine import Engine
from chat.models import Conversation, Message, Role, User
from chat.protocol import CommandError
from chat.views.transcript import transcript_page

Read = Callable[[list[uuid.UUID], bool], str]


@require_safe
@never_cache
@login_required
async def markdown(request: HttpRequest, conversation_id: uuid.UUID) -> StreamingHttpResponse:
    """Give the branch that is shown. Missing and someone else's are both 404."""
    outline = await _outline(request, export.markdown_outline, conversation_id)
    # Said here: the threads that read know nothing of the request, nor of its language.
    speakers = {Role.USER: gettext("User"), Role.ASSISTANT: gettext("Assistant")}
    read = partial(export.markdown, speakers)
    return _file(request, outline, read, "md", "text/markdown; charset=utf-8")


@require_safe
@never_cache
@login_required
async def json(request: HttpRequest, conversation_id: uuid.UUID) -> StreamingHttpResponse:
    """Give all branches, with numbers. Missing and someone else's are both 404."""
    outline = await _outline(request, export.json_outline, conversation_id)
    return _file(request, outline, export.json, "json", "application/json")


@require_safe
@never_cache
@login_required
def printed(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Show the branch as a page to print. Missing and someone else's are both 404."""
    mine = Conversation.objects.owned_by(cast("User", request.user))
    conversation = mine.filter(pk=conversation_id).first()
    if conversation is None:
        raise Http404
    messages = Message.objects.branch(conversation.head_id)
    return transcript_page(request, conversation.title, messages)


async def _outline(
    request: HttpRequest, unit: Callable[..., export.Outline], conversation_id: uuid.UUID
) -> export.Outline:
    user = cast("User", await request.auser())
    try:
        return await _engine(request).commands.run_again_if_down(unit, user.pk, conversation_id)
    except CommandError:
        raise Http404 from None


def _file(
    request: HttpRequest, outline: export.Outline, read: Read, ending: str, content_type: str
) -> StreamingHttpResponse:
    engine = _engine(request)

    async def written() -> AsyncIterator[str]:
        yield outline.opening
        for number, piece in enumerate(outline.pieces):
            yield await engine.commands.run_again_if_down(read, piece, number == 0)
        yield outline.closing

    response = StreamingHttpResponse(written(), content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, _name(outline, ending))
    return response


def _name(outline: export.Outline, ending: str) -> str:
    """Name a file after its conversation, without what no file system takes."""
    kept = "".join(" " if c in '\\/:*?"<>|' or not c.isprintable() else c for c in outline.title)
    return f"{' '.join(kept.split())[:80].strip('. ') or gettext('conversation')}.{ending}"


def _engine(request: HttpRequest) -> Engine:
    return cast("Engine", cast("Any", request).scope["engine"])
