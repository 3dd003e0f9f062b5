"""A client that does what docs/protocol.md asks of one: connects again, subscribes again, sends again."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.chaos.screen import Frame, Screen
from tests.support.database import Person

RETRY_S = 0.2
OPEN_WITHIN_S = 5.0
WITHIN_S = 40.0
# Told of a command: it may be sent again as it is.
TEMPORARY = {"unavailable", "rate_limited", "too_many_generations"}


class Client:
    """One page of a person. `urls` are tried in turn.

    It keeps a command until that is answered, and sends it again on every new connection with the same
    key. What it shows is in `screen`, every frame it got in `frames`.
    """

    def __init__(self, person: Person, urls: Sequence[str], name: str = "") -> None:
        self.person = person
        self.name = name or person.user.username
        self.urls = list(urls)
        self.screen = Screen()
        self.frames: list[Frame] = []
        self.closed_with: list[int] = []
        self.connects = 0
        self.sent: dict[str, str] = {}
        self.accepted: dict[str, Frame] = {}
        self.refused: dict[str, Frame] = {}
        self.continued: dict[str, Frame] = {}
        self.watched: set[str] = set()
        self.is_ready = False
        self._later: asyncio.Task[Any] | None = None
        self._waiting: dict[str, Frame] = {}
        self._connection: ClientConnection | None = None
        self._changed = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Client:
        self.open()
        await self.until(lambda: self.is_ready, "connected")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def open(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Go away, without a word if need be; `open` comes back."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel("client closes")
            with suppress(asyncio.CancelledError):
                await task
        self.is_ready = False

    # -- What a person does -------------------------------------------------------------------

    async def prompt(self, content: str, conversation: str | None = None) -> Frame:
        """Send a prompt and return its `message.accepted`, however many connections that takes."""
        return await self.until_accepted(await self.send_prompt(content, conversation))

    async def send_prompt(
        self, content: str, conversation: str | None = None, key: str | None = None
    ) -> str:
        """Send a prompt and return its key without waiting."""
        message = key or str(uuid.uuid4())
        self.sent[message] = content
        await self._command(
            message,
            {
                "type": "message.send",
                "message": message,
                "content": content,
                "conversation": conversation,
            },
        )
        return message

    async def until_accepted(self, message: str) -> Frame:
        """Wait until a prompt of ours is acknowledged and return its `message.accepted`."""
        await self.until(lambda: message in self.accepted, f"{self.sent[message]!r} accepted")
        return self.accepted[message]

    async def go_on(self, generation: str) -> Frame:
        """Have an answer that ended early continued and return its `message.accepted`."""
        await self._command(generation, {"type": "generation.continue", "generation": generation})
        await self.until(lambda: generation in self.continued, f"{generation} continued")
        return self.continued[generation]

    async def cancel(self, generation: str) -> Frame:
        """Cancel, and return the reply: `generation.cancelling`, or the error."""
        key = await self.send_cancel(generation)
        await self.until(lambda: key not in self._waiting, "the cancel answered")
        return next(frame for frame in self.frames if frame.get("command_id") == key)

    async def send_cancel(self, generation: str) -> str:
        key = f"cancel {generation} {uuid.uuid4()}"
        await self._command(key, {"type": "generation.cancel", "generation": generation})
        return key

    async def watch(self, conversation: str) -> None:
        key = await self.send_watch(conversation)
        await self.until(lambda: key not in self._waiting, "subscribed")

    async def send_watch(self, conversation: str) -> str:
        self.watched.add(conversation)
        key = f"watch {conversation}"
        await self._command(key, {"type": "conversation.subscribe", "conversation": conversation})
        return key

    async def manage(self, kind: str, **fields: Any) -> None:
        """Give a command of type `kind` about a conversation, and wait until it is done."""
        key = f"{kind} {uuid.uuid4()}"
        await self._command(key, {"type": kind, **fields})
        await self.until(lambda: key not in self._waiting, f"{kind} done")

    async def ping(self) -> None:
        """Ask for a pong and wait for it: what was sent to us before is here then."""
        key = f"ping {uuid.uuid4()}"
        await self._command(key, {"type": "ping"})
        await self.until(lambda: key not in self._waiting, "a pong", 10)

    async def until(self, holds: Callable[[], Any], what: str, seconds: float = WITHIN_S) -> None:
        """Wait until `holds`, which is asked after every frame and every change of the connection."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(holds)
        except TimeoutError:
            raise TimeoutError(f"{self.name}: {what}: not within {seconds:g} s\n{self}") from None

    async def until_text(self, generation: str, chars: int) -> str:
        """Wait until that many characters of a generation are shown."""
        await self.until(lambda: len(self.text(generation)) >= chars, f"{chars} characters shown")
        return self.text(generation)

    async def until_end(self, generation: str, seconds: float = WITHIN_S) -> str:
        """Wait for the end and return how it ended: `completed`, `interrupted` and so on."""
        shown = self.screen.shown
        await self.until(
            lambda: generation in shown and shown[generation].ended, f"end of {generation}", seconds
        )
        return shown[generation].ended.removeprefix("generation.")

    def text(self, generation: str) -> str:
        """Give the content of a generation that is shown now."""
        one = self.screen.shown.get(generation)
        return one.content if one else ""

    @property
    def is_open(self) -> bool:
        return self._task is not None

    @property
    def is_idle(self) -> bool:
        """Whether no command of it is unanswered and nothing that it shows is still live."""
        return not self._waiting and all(one.ended for one in self.screen.shown.values())

    def is_caught_up(self) -> bool:
        return self.is_ready and self.is_idle

    # -- The connection -----------------------------------------------------------------------

    @property
    def transport(self) -> asyncio.Transport:
        """Of the socket that is open now: a test pauses its reading."""
        assert self._connection is not None
        return self._connection.transport

    async def drop(self) -> None:
        """Lose the connection now, without a close frame; the client comes back by itself."""
        if self._connection is not None:
            self._connection.transport.abort()

    async def _run(self) -> None:
        turn = 0
        while True:
            with suppress(OSError, InvalidHandshake, ConnectionClosed, TimeoutError, EOFError):
                await self._stay_connected(self.urls[turn % len(self.urls)])
            turn += 1
            self.is_ready = False
            await self._note_change()
            await asyncio.sleep(RETRY_S)

    async def _stay_connected(self, url: str) -> None:
        own = url.replace("ws://", "http://").removesuffix("/ws/chat/")
        headers = {"Cookie": self.person.cookie}
        async with asyncio.timeout(OPEN_WITHIN_S):
            connection = await connect(
                url,
                origin=own,  # type: ignore[arg-type]
                additional_headers=headers,
                max_size=None,
                ping_interval=None,
            )
        self.connects += 1
        self._connection = connection
        try:
            async for text in connection:
                await self._take(json.loads(text))
        finally:
            self._connection = None
            connection.transport.abort()
            if connection.close_code is not None:
                self.closed_with.append(connection.close_code)

    async def _take(self, frame: Frame) -> None:
        self.frames.append(frame)
        if frame["type"] == "session.ready":
            await self._resume()
            self.is_ready = True
        self._take_reply(frame)
        self.screen.take(frame)
        await self._note_change()

    async def _resume(self) -> None:
        """Subscribe to what was watched, then say again what nobody has answered; both until they are."""
        again = {f"watch {each}": self._subscription(each) for each in self.watched}
        before = {key: each for key, each in self._waiting.items() if key not in again}
        self._waiting = {**again, **before}
        for command in list(self._waiting.values()):
            await self._say(command)

    def _subscription(self, conversation: str) -> Frame:
        known = self.screen.revisions.get(conversation)
        revision = {} if known is None else {"revision": known}
        key = f"watch {conversation}"
        subscribe = {"type": "conversation.subscribe", "conversation": conversation}
        return {**subscribe, **revision, "command_id": key}

    def _take_reply(self, frame: Frame) -> None:
        key = frame.get("command_id")
        command = self._waiting.get(key) if key else None
        if key is None or command is None:
            return
        if frame["type"] == "error" and frame["code"] in TEMPORARY:
            asyncio.get_running_loop().call_later(RETRY_S, self._say_later, key)
            return
        del self._waiting[key]
        if frame["type"] == "error":
            self.refused[key] = frame
        elif frame["type"] == "message.accepted":
            self._take_accepted(key, frame)

    def _take_accepted(self, key: str, frame: Frame) -> None:
        (self.accepted if key in self.sent else self.continued)[key] = frame
        conversation = frame["conversation"]
        if frame["duplicate"] and conversation not in self.watched:
            self._later = asyncio.get_running_loop().create_task(self.send_watch(conversation))
        self.watched.add(conversation)

    def _say_later(self, key: str) -> None:
        if command := self._waiting.get(key):
            self._later = asyncio.get_running_loop().create_task(self._say(command))

    async def _command(self, key: str, command: Frame) -> None:
        self._waiting[key] = {**command, "command_id": key}
        await self._say(self._waiting[key])

    async def _say(self, command: Frame) -> None:
        if self._connection is not None:
            with suppress(ConnectionClosed):
                await self._connection.send(json.dumps(command))

    async def _note_change(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def __str__(self) -> str:
        """Say why it may not be at rest: what is unanswered, what is live, and the last frames of both."""
        live = [generation for generation, one in self.screen.shown.items() if not one.ended]
        state = f"{self.connects} connections, closed with {self.closed_with}"
        lines = [f"{self.name}: {state}; waiting for {list(self._waiting)}; live: {live}"]
        lines += [_short(frame) for frame in self.frames[-8:]]
        for generation in live:
            about = [_short(each) for each in self.frames if generation in json.dumps(each)]
            lines += [f"last of {generation}, of {len(about)} frames:", *about[-8:]]
        return "\n".join(lines)


def _short(frame: Frame) -> str:
    return json.dumps(frame)[:400]
