"""The provider of the simulation: it says what the machine has it say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from chat.evolution import ChatRequest, Delta, Finish, ProviderError

Item = Delta | Finish | ProviderError


@dataclass(eq=False)
class Call:
    """One request for one generation. `said` is all that the provider has written into its stream."""

    generation: UUID
    waiting: list[Item] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    said: dict[str, str] = field(default_factory=lambda: {"content": "", "reasoning": ""})
    ended_with: Item | None = None
    is_closed: bool = False

    @property
    def is_open(self) -> bool:
        return self.ended_with is None and not self.is_closed

    def say(self, item: Item) -> None:
        if isinstance(item, Delta):
            self.said[item.kind] += item.text
        else:
            self.ended_with = item
        self.waiting.append(item)
        self.arrived.set()

    def read(self) -> list[Item]:
        """Read all that has come, as one read of the network does."""
        items, self.waiting = self.waiting, []
        self.arrived.clear()
        return items


class ScriptedProvider:
    """Answers as `chat.evolution.Provider` does: one stream for each request."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        # Which generation a request is for: a request itself does not say.
        self.asked_for: dict[int, tuple[ChatRequest, UUID]] = {}

    def calls_of(self, generation: UUID) -> list[Call]:
        return [call for call in self.calls if call.generation == generation]

    def open_calls(self) -> list[Call]:
        return [call for call in self.calls if call.is_open]

    async def stream(
        self, request: ChatRequest, ready: Callable[[], Awaitable[None]]
    ) -> AsyncIterator[Delta | Finish]:
        call = Call(self.asked_for[id(request)][1])
        self.calls.append(call)
        has_begun = False
        try:
            while True:
                if has_begun:
                    await ready()
                await call.arrived.wait()
                for item in call.read():
                    has_begun = True
                    if isinstance(item, ProviderError):
                        raise item
                    yield item
                    if isinstance(item, Finish):
                        return
        finally:
            call.is_closed = True

    async def aclose(self) -> None:
        pass
