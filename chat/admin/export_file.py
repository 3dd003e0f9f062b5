"""The file of an export, as the answer to a request."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from chat.admin.exporting import found
from chat.admin.read_only import may_view
from chat.admin.recorded import address_of
from chat.exporting import FORMATS, Download, May, Reading
from chat.models import Export, Generation, Message
from chat.redaction import redaction


def file_of(request: HttpRequest, export: Export, source: Any) -> StreamingHttpResponse:
    """Stream an export that has begun. `source`: the admin of its rows, whose list says which."""
    text = FORMATS[export.format]
    download = Download(export, _reading(request, export, source), address_of(request))
    response = StreamingHttpResponse(download, content_type=text.content_type)
    response["Content-Disposition"] = f'attachment; filename="{_name(export)}.{text.ending}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _reading(request: HttpRequest, export: Export, source: Any) -> Reading:
    if export.began_at is None:
        raise ValueError("an export is read from when it began")
    return Reading(
        what=export.what,
        format=export.format,
        found=found(source, request, export.query),
        until=export.began_at,
        words=redaction(_secrets()) if export.redacted else str,
        may=May(may_view(request, Message), may_view(request, Generation)),
    )


def _secrets() -> tuple[str, ...]:
    """Give the site's own, which somebody may have sent or a provider quoted."""
    return (settings.EVOLUTION_API_KEY, settings.EVOLUTION_SECRET, settings.EVOLUTION_KEY_ID)


def _name(export: Export) -> str:
    began = timezone.localtime(export.began_at).strftime("%Y-%m-%d-%H%M")
    return f"evochat-{export.what}-{began}"
