"""Sockets on paths that are not ours."""

from typing import Any, cast

from django.urls import re_path


async def _refuse(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1000})


refuse_unknown = re_path(r"", cast("Any", _refuse))
