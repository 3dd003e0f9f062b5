"""A client that speaks the wire, frame by frame, as any client of ours would."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

Frame = dict[str, Any]

FRAME_WITHIN_S = 30.0
TERMINAL = {
    "generation.completed",
    "generation.failed",
    "generation.cancelled",
    "generation.interrupted",
}


class Wire:
    """One socket. Every frame received stays in `frames`."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.frames: list[Frame] = []

    async def send(self, kind: str, **fields: Any) -> str:
        """Send a command and return its `command_id`."""
        command_id = uuid.uuid4().hex
        await self.connection.send(
            json.dumps({"type": kind, "command_id": command_id, **fields}, default=str)
        )
        return command_id

    async def send_raw(self, frame: str | bytes) -> None:
        await self.connection.send(frame)

    async def receive(self, within_s: float = FRAME_WITHIN_S) -> Frame:
        async with asyncio.timeout(within_s):
            frame: Frame = json.loads(await self.connection.recv())
        self.frames.append(frame)
        return frame

    async def until(self, *kinds: str, within_s: float = FRAME_WITHIN_S, **fields: Any) -> Frame:
        """Receive up to a frame of one of `kinds` that has these fields, and return that."""
        while True:
            frame = await self.receive(within_s)
            if frame["type"] in kinds and fields.items() <= frame.items():
                return frame

    async def ask(self, kind: str, **fields: Any) -> Frame:
        """Send a command and return the reply (or error) that carries its `command_id`."""
        command_id = await self.send(kind, **fields)
        while True:
            frame = await self.receive()
            if frame.get("command_id") == command_id:
                return frame

    async def prompt(self, content: str, conversation: str | None = None, **fields: Any) -> Frame:
        """Send a prompt and return its `message.accepted`."""
        message = fields.pop("message", None) or str(uuid.uuid4())
        command = {"message": message, "content": content, "conversation": conversation, **fields}
        accepted = await self.ask("message.send", **command)
        assert accepted["type"] == "message.accepted", accepted
        return accepted

    async def until_text(self, generation: str, chars: int) -> str:
        """Receive until at least `chars` characters of a generation have been shown."""
        while len(shown := self.shown(generation)) < chars:
            await self.until("generation.delta", "generation.snapshot", generation=generation)
        return shown

    async def until_end(self, generation: str, within_s: float = FRAME_WITHIN_S) -> Frame:
        """Return the terminal event of a generation, received before or now."""
        for frame in self.events(generation):
            if frame["type"] in TERMINAL and "command_id" not in frame:
                return frame
        return await self.until(*TERMINAL, within_s=within_s, generation=generation)

    async def settle(self) -> list[Frame]:
        """Have all that was sent to us before now: a `pong` comes after it. Returns all frames."""
        await self.ask("ping")
        return self.frames

    def events(self, generation: str) -> list[Frame]:
        """Return the events of a generation; the replies to commands that name it are none."""
        return [
            frame
            for frame in self.frames
            if frame.get("generation") == generation and frame["type"] != "message.accepted"
        ]

    def seqs(self, generation: str) -> list[int]:
        return [frame["seq"] for frame in self.events(generation) if "seq" in frame]

    def shown(self, generation: str) -> str:
        """Return the content of a generation as a page would show it now."""
        text = ""
        for frame in self.frames:
            if frame["type"] == "conversation.snapshot":
                live = [g for g in frame["generations"] if g["id"] == generation]
                text = live[0]["content"] if live else text
            elif frame.get("generation") != generation:
                continue
            elif frame["type"] == "generation.snapshot":
                text = frame["content"]
            elif frame["type"] == "generation.delta" and frame["kind"] == "content":
                text += frame["text"]
        return text


@asynccontextmanager
async def wire(ws_url: str, cookie: str, origin: str | None = None) -> AsyncIterator[Wire]:
    """Connect with a session cookie, from a page of the server itself unless `origin` says else."""
    own = ws_url.replace("ws://", "http://").removesuffix("/ws/chat/")
    async with connect(
        ws_url,
        origin=origin or own,  # type: ignore[arg-type]
        additional_headers={"Cookie": cookie},
        max_size=None,
    ) as connection:
        yield Wire(connection)


def assert_contiguous(frames: list[Frame], generation: str) -> None:
    """Check what docs/protocol.md promises of one generation's events on one socket."""
    told = [frame for frame in frames if frame.get("generation") == generation]
    seqs = [frame["seq"] for frame in told if "seq" in frame]
    assert seqs == [*range(1, len(seqs) + 1)], seqs
    ends = [number for number, frame in enumerate(told) if frame["type"] in TERMINAL]
    assert ends == [len(told) - 1], [frame["type"] for frame in told]
