"""A chat as Channels tutorials write it, to compare with: a `group_send` for each chunk.

It stores nothing. It has one client for all requests, which is kinder than the tutorials are.

    EVOLUTION_BASE_URL=… REDIS_URL=… daphne benchmarks.group_send_example:application
"""

# Imports follow what they need.
# ruff: noqa: E402

import asyncio
import json
import os
import uuid
from functools import cache
from typing import Any

from django.conf import settings

settings.configure(
    SECRET_KEY="for the benchmark alone",
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": os.environ["CHANNEL_LAYER"],
            # Without it redis-py's own time-out of 5 s ends idle sockets.
            "CONFIG": {"hosts": [{"address": os.environ["REDIS_URL"], "socket_timeout": None}]},
        }
    },
)

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from openai import AsyncOpenAI


@cache
def client() -> AsyncOpenAI:
    """Return the one client of the process."""
    return AsyncOpenAI(api_key="a-key", base_url=os.environ["EVOLUTION_BASE_URL"])


class ChatConsumer(AsyncWebsocketConsumer):
    """A room for each socket; others may join it."""

    async def connect(self) -> None:
        self.room = f"chat_{uuid.uuid4().hex}"
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.room, self.channel_name)

    async def receive(self, text_data: str = "", bytes_data: bytes | None = None) -> None:
        # A task of its own: a handler that streams would hold up the group's messages.
        self.task = asyncio.create_task(self.answer(json.loads(text_data)["message"]))

    async def answer(self, message: str) -> None:
        stream = await client().chat.completions.create(
            model=os.environ["EVOLUTION_MODEL"],
            messages=[{"role": "user", "content": message}],
            stream=True,
        )
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                await self.tell(content=chunk.choices[0].delta.content, done=False)
        await self.tell(done=True)

    async def tell(self, **event: Any) -> None:
        await self.channel_layer.group_send(self.room, {"type": "chat.event", "event": event})

    async def chat_event(self, message: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(message["event"]))


application = ProtocolTypeRouter({"websocket": ChatConsumer.as_asgi()})
