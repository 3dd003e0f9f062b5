"""An ASGI application that says on its output what a server does to it, for tests of the server alone.

    python -m tests.support.witness --port 8000 --stall-s 2     # by the server of `manage.py serve`
    python -m daphne --port 8000 tests.support.witness:application

| path | |
|---|---|
| `/ws/` | accepts, and waits for the end |
| `/ws/undecided/` | never accepts |
| `/ws/talk/<messages>/<bytes>/` | accepts and sends |
| `/wait/<seconds>/` | answers after a while |
| `/never/<seconds>/` | never answers, and takes so long to end when it is cancelled |
| `/talk/<chunks>/<bytes>/` | streams |
"""

import argparse
import asyncio
import logging
from typing import Any

# Enough to see whether a server waits for it.
CLEANING_S = 0.1


async def application(scope: Any, receive: Any, send: Any) -> None:
    kind, *numbers = _parts(scope["path"])
    say(f"began {kind}")
    try:
        await _KINDS[kind](receive, send, *numbers)
    finally:
        say(f"cleaning {kind}")
        await asyncio.sleep(CLEANING_S)
        say(f"cleaned {kind}")


def say(words: str) -> None:
    print(words, flush=True)


def _parts(path: str) -> list[Any]:
    """Cut `/ws/talk/3/10/` into `["ws/talk", 3, 10]`."""
    words = path.strip("/").split("/")
    names = [word for word in words if not word.isdigit()]
    return ["/".join(names), *(int(word) for word in words if word.isdigit())]


async def _stay(receive: Any, send: Any) -> None:
    await send({"type": "websocket.accept"})
    await _until_disconnect(receive)


async def _undecided(receive: Any, send: Any) -> None:
    await _until_disconnect(receive)


async def _until_disconnect(receive: Any) -> None:
    while (message := await receive())["type"] != "websocket.disconnect":
        if message["type"] == "websocket.receive":
            say(f"received {len(message['text'])}")
    say("disconnected")


async def _talk(receive: Any, send: Any, messages: int, size: int) -> None:
    await send({"type": "websocket.accept"})
    telling = asyncio.create_task(_tell(send, messages, size))
    await _until_disconnect(receive)
    telling.cancel()


async def _tell(send: Any, messages: int, size: int) -> None:
    for number in range(1, messages + 1):
        await send({"type": "websocket.send", "text": "x" * size})
        say(f"told {number}")


async def _wait(receive: Any, send: Any, seconds: int) -> None:
    await asyncio.sleep(seconds)
    await _start_answer(send)
    await send({"type": "http.response.body", "body": b"waited"})


async def _never(receive: Any, send: Any, seconds: int) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(seconds)


async def _stream(receive: Any, send: Any, chunks: int, size: int) -> None:
    await _start_answer(send)
    for number in range(1, chunks + 1):
        await send({"type": "http.response.body", "body": b"x" * size, "more_body": True})
        say(f"told {number}")
    await send({"type": "http.response.body"})


async def _start_answer(send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


_KINDS: dict[str, Any] = {
    "ws": _stay,
    "ws/undecided": _undecided,
    "ws/talk": _talk,
    "wait": _wait,
    "never": _never,
    "talk": _stream,
}


class Background:
    """Stands where the Engine is, and says what is asked of it."""

    async def start(self) -> None:
        say("background started")

    async def wind_down(self) -> None:
        say("background winds down")

    async def stop(self) -> None:
        say("background stopped")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--stall-s", type=float, default=10.0)
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    from evochat.server import use_fast_loop

    use_fast_loop()
    from evochat.serving.server import EvochatServer

    address = ("127.0.0.1", chosen.port)
    EvochatServer(application, address, say, Background(), chosen.stall_s).run()


if __name__ == "__main__":
    main()
