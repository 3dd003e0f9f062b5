"""Whether the process is alive, and whether it can do its work."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from chat.engine import Engine
from chat.threads import DATABASE_ERRORS

ANSWER_WITHIN_S = 2.0


async def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


async def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database and the channel layer really answer, else 503 and which does not."""
    engine: Engine = cast("Any", request).scope["engine"]
    parts = {
        "database": await _database_answers(engine),
        "channel_layer": not engine.hub.is_cut_off,
    }
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


async def _database_answers(engine: Engine) -> bool:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await engine.commands.run_again_if_down(_select_one)
    except (*DATABASE_ERRORS, TimeoutError):
        return False


def _select_one() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())
