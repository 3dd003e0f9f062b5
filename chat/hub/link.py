"""The link between the Hubs of all processes: the one user of the channel layer.

A layer is at-most-once and may be gone: what travels here are copies and hints. The link pings itself
through the layer, so it knows when it hears nothing, and builds itself anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Callable
from typing import Any

from channels.layers import get_channel_layer

from chat.envelope import Envelope, pack, unpack
from chat.timing import Clock

log = logging.getLogger(__name__)

LAYER = "hub"
GROUP = "evochat"
# ping < deaf < rebuild, and renew well under a layer's group expiry.
PING_S = 0.5
DEAF_AFTER_S = 1.5
REBUILD_AFTER_S = 4.0
RENEW_S = 30.0
# A new connection shakes hands in three round trips: over a link of half a second that must still succeed.
SEND_TIMEOUT_S = 3.0
JOIN_TIMEOUT_S = 5.0

Heard = Callable[[list[Envelope], bool], None]


class Link:
    """Sends this process's envelopes to the other Hubs and hears theirs. Never raises.

    Without a configured layer it is a link to nobody, and `is_deaf` is always true.
    """

    def __init__(self, heard: Heard, clock: Clock = time.monotonic) -> None:
        self._id = uuid.uuid4().bytes
        self._heard = heard
        self._clock = clock
        self._layer: Any = get_channel_layer(LAYER)
        self._outgoing: list[Envelope] = []
        self._hint = False
        self._wake = asyncio.Event()
        self._last_echo = float("-inf")
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def is_configured(self) -> bool:
        return self._layer is not None

    @property
    def is_deaf(self) -> bool:
        """Whether our own pings have not come back lately, or the layer has just refused something."""
        return self._clock() - self._last_echo > DEAF_AFTER_S

    def start(self) -> None:
        if self._layer is not None:
            self._tasks = [
                asyncio.create_task(run()) for run in (self._receive, self._send, self._ping)
            ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel("link stops")
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._layer is not None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await self._layer.flush()

    def send(self, envelopes: list[Envelope], hint: bool = False) -> None:
        """Pass copies on, with a hint that there is something to claim. Waits for nothing."""
        if self._layer is None:
            return
        self._outgoing += envelopes
        self._hint |= hint
        self._wake.set()

    async def _send(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            envelopes, self._outgoing = self._outgoing, []
            hint, self._hint = self._hint, False
            await self._post({"type": "hub.copy", "packed": pack(envelopes), "hint": hint})

    async def _post(self, message: dict[str, object]) -> None:
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._layer.group_send(GROUP, {"from": self._id, **message})
        except Exception as error:  # noqa: BLE001  # a layer is at-most-once, whatever it raises
            log.debug("the channel layer did not take a message: %r", error)
            self._last_echo = float("-inf")

    async def _ping(self) -> None:
        was_deaf = False
        heard_from = self._clock() + DEAF_AFTER_S
        while True:
            await self._post({"type": "hub.ping"})
            await asyncio.sleep(PING_S)
            if self.is_deaf != was_deaf and self._clock() > heard_from:
                was_deaf = self.is_deaf
                log.warning("the channel layer %s", "is silent" if was_deaf else "is heard again")

    async def _receive(self) -> None:
        """Have the group heard, and join it anew when our own pings stay out."""
        hearing: asyncio.Task[None] | None = None
        try:
            while True:
                try:
                    channel = await self._join(hearing)
                    hearing = asyncio.create_task(self._hear(channel))
                    await self._until_silent(hearing)
                except Exception as error:  # noqa: BLE001  # this task heals itself, whatever it was
                    log.debug("the channel layer is joined again after %r", error)
                    await asyncio.sleep(PING_S)
        finally:
            await _end(hearing)

    async def _join(self, hearing: asyncio.Task[None] | None) -> str:
        async with asyncio.timeout(JOIN_TIMEOUT_S):
            # The layer forgets its channels first: else the task that heard one would say good-bye to a server that
            # may not listen, and wait for that without end.
            with contextlib.suppress(Exception):
                await self._layer.flush()
            await _end(hearing)
            channel: str = await self._layer.new_channel()
            await self._layer.group_add(GROUP, channel)
        return channel

    async def _hear(self, channel: str) -> None:
        renew_at = self._clock() + RENEW_S
        while True:
            self._take(await self._layer.receive(channel))
            if self._clock() > renew_at:
                renew_at = self._clock() + RENEW_S
                await self._layer.group_add(GROUP, channel)

    async def _until_silent(self, hearing: asyncio.Task[None]) -> None:
        joined_at = self._clock()
        while self._clock() - max(self._last_echo, joined_at) < REBUILD_AFTER_S:
            done, _ = await asyncio.wait({hearing}, timeout=PING_S)
            if done:
                return

    def _take(self, message: dict[str, Any]) -> None:
        if message["from"] == self._id:
            if message["type"] == "hub.ping":
                self._last_echo = self._clock()
        elif message["type"] == "hub.copy":
            self._heard(unpack(message["packed"]), bool(message["hint"]))


async def _end(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel("link stops hearing")
        await asyncio.gather(task, return_exceptions=True)
