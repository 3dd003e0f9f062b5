"""What is between the processes: a channel layer whose copies arrive when the machine says so, or never."""

import asyncio
from dataclasses import dataclass
from typing import Any


@dataclass(eq=False)
class Copy:
    """One message on its way to one process."""

    to: "Layer"
    message: dict[str, Any]


class Network:
    """Carries pings at once; copies too while it is `is_prompt`, else they lie `on_the_way`."""

    def __init__(self) -> None:
        self.members: list[Layer] = []
        self.on_the_way: list[Copy] = []
        self.is_prompt = True

    def carry(self, message: dict[str, Any]) -> None:
        for member in self.members:
            if message["type"] == "hub.ping" or self.is_prompt:
                member.hear(message)
            elif message["from"] != member.sender:
                self.on_the_way.append(Copy(member, message))

    def arrive(self, number: int, *, again: bool) -> None:
        copy = self.on_the_way[number]
        if not again:
            del self.on_the_way[number]
        copy.to.hear(copy.message)


class Layer:
    """The channel layer as one process has it."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sender: Any = None
        self.is_deaf = False
        self.is_severed = False

    def hear(self, message: dict[str, Any]) -> None:
        if not (self.is_deaf or self.is_severed):
            self._heard.put_nowait(message)

    def leave(self) -> None:
        self.is_severed = True
        if self in self._network.members:
            self._network.members.remove(self)

    async def new_channel(self) -> str:
        return "channel"

    async def group_add(self, group: str, channel: str) -> None:
        if not self.is_severed and self not in self._network.members:
            self._network.members.append(self)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.sender = message["from"]
        if not (self.is_severed or self.is_deaf):
            self._network.carry(message)

    async def receive(self, channel: str) -> dict[str, Any]:
        return await self._heard.get()

    async def flush(self) -> None:
        self._heard = asyncio.Queue()
