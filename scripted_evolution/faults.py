"""What a provider can do wrong, by name.

A fault of a stream returns whether the answer goes on after it; a fault of a whole response
answers in place of it.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

from scripted_evolution.wire import DONE, encode, error

if TYPE_CHECKING:
    from scripted_evolution.directives import Directive
    from scripted_evolution.player import Player

HUGE_LINE_BYTES = 10 * 1024 * 1024
COMMENT_GAP_S = 0.05

HTML = "<!DOCTYPE html>\n<html><body><h1>502 Bad Gateway</h1></body></html>\n"

StreamFault = Callable[["Player"], Awaitable[bool]]
ResponseFault = Callable[[], Awaitable[web.StreamResponse]]


async def eof(player: Player) -> bool:
    """Close the connection inside the chunked body."""
    transport = player.request.transport
    if transport is not None:
        transport.close()
    return False


async def reset(player: Player) -> bool:
    """Reset the connection: the client's system sees RST in place of FIN."""
    transport = player.request.transport
    if transport is not None:
        sock: socket.socket = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return False


async def done_without_finish(player: Player) -> bool:
    """Say `[DONE]` though no finish reason was given."""
    await player.send(DONE)
    return False


async def error_event(player: Player) -> bool:
    """Send an error as an event of the stream and end it."""
    code = player.script.directive.code or "server_error"
    message = quoting("scripted error in the stream", player.script.directive, player.request)
    await player.send(b"data: " + encode(error(message, code)) + b"\n\n")
    await player.send(DONE)
    return False


async def half_line(player: Player) -> bool:
    """End the body politely, but in the middle of a chunk's JSON."""
    await player.send(player.chunks.piece(("content", "lost"))[:60])
    return False


async def comments(player: Player) -> bool:
    """Send nothing but comments, forever."""
    while True:
        await player.send(b": keepalive\n\n")
        await asyncio.sleep(COMMENT_GAP_S)


async def huge_line(player: Player) -> bool:
    """Send one chunk of many megabytes."""
    await player.send(player.chunks.piece(("content", "x" * HUGE_LINE_BYTES)))
    return True


async def garbage(player: Player) -> bool:
    """Send a data line that is not JSON."""
    words = quoting("oops", player.script.directive, player.request)
    await player.send(b'data: {"choices": [{"delta": ' + words.encode() + b"\n\n")
    return True


async def other_choice(player: Player) -> bool:
    """Send text of an alternative nobody asked for, alone and before that of the first one."""
    other = {"index": 1, "delta": {"content": "other "}, "finish_reason": "length"}
    first = {"index": 0, "delta": {"content": ""}, "finish_reason": None}
    await player.send(player.chunks.object(choices=[other]))
    await player.send(player.chunks.object(choices=[other, first]))
    return True


def quoting(message: str, directive: Directive, request: web.Request) -> str:
    """Return `message`, and with `quote=1` the credentials the request brought."""
    if not directive.quote:
        return message
    return f"{message}: {request.headers.get('Authorization')}"


def _chunk(make: Callable[[Player], bytes]) -> StreamFault:
    async def fault(player: Player) -> bool:
        await player.send(make(player))
        return True

    return fault


FAULTS_IN_STREAM: dict[str, StreamFault] = {
    "comments": comments,
    "done_without_finish": done_without_finish,
    "empty_choices": _chunk(lambda player: player.chunks.object(choices=[])),
    "eof": eof,
    "error_event": error_event,
    "garbage": garbage,
    "half_line": half_line,
    "huge_line": huge_line,
    "nul": _chunk(lambda player: player.chunks.raw_delta(rb'{"content":"\u0000"}')),
    "other_choice": other_choice,
    "null_choices": _chunk(lambda player: player.chunks.object(choices=None)),
    "null_content": _chunk(lambda player: player.chunks.raw_delta(b'{"content":null}')),
    "null_delta": _chunk(lambda player: player.chunks.raw_delta(b"null")),
    "reset": reset,
    "surrogate": _chunk(lambda player: player.chunks.raw_delta(rb'{"content":"\ud83d"}')),
}


async def json_200() -> web.StreamResponse:
    """Answer 200 with an error in JSON and no stream."""
    return web.json_response(error("scripted error in a 200", "server_error"))


async def html_200() -> web.StreamResponse:
    """Answer 200 with the page of a gateway."""
    return web.Response(text=HTML, content_type="text/html")


async def never() -> web.StreamResponse:
    """Send no byte at all, until the client leaves."""
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


FAULTS_OF_RESPONSE: dict[str, ResponseFault] = {
    "html_200": html_200,
    "json_200": json_200,
    "never": never,
}
