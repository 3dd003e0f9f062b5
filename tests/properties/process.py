"""One simulated process: the real engine and the real consumers, on a loop of its own that never waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from channels.layers import channel_layers
from django.conf import settings

from chat.consumers import ChatConsumer
from chat.engine import Engine, Source
from chat.generation.record import LeaseLostError
from chat.protocol import CommandError
from tests.properties.network import Layer, Network
from tests.properties.provider import ScriptedProvider
from tests.properties.virtual_loop import Job, VirtualClock, VirtualLoop

# What a unit of work may say. Anything else is a defect, which the process would only log.
EXPECTED = (CommandError, LeaseLostError)

Do = Callable[[Any, tuple[Any, ...]], Any]


class SimulatedEngine(Engine):
    """The engine with the scripted provider, and without what keeps the list of models."""

    def __init__(self, provider: Any, clock: VirtualClock) -> None:
        super().__init__(generates=True, clock=clock)
        self._source = Source(provider, "model")

    async def start(self) -> None:
        self.hub.start()
        self._tasks = [asyncio.create_task(self._keep_running())]


class Socket:
    """A page's connection. What the server has sent lies in `sent` until the page reads it."""

    def __init__(self, process: Process, session_key: str) -> None:
        self.process = process
        self.sent: list[str] = []
        self.checked = 0
        self._received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        headers = [
            (b"host", b"chat"),
            (b"origin", b"http://chat"),
            (b"cookie", f"{settings.SESSION_COOKIE_NAME}={session_key}".encode()),
        ]
        scope = {"type": "websocket", "headers": headers, "path": "/ws/chat/"}
        scope = {**scope, "engine": process.engine, "subprotocols": [], "query_string": b""}
        self._received.put_nowait({"type": "websocket.connect"})
        self.task = process.loop.create_task(ChatConsumer()(scope, self._received.get, self._send))

    def receive(self, text: str) -> None:
        self._received.put_nowait({"type": "websocket.receive", "text": text})

    def drop(self) -> None:
        self._received.put_nowait({"type": "websocket.disconnect", "code": 1006})

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.send" and not self.process.is_dead:
            self.sent.append(message["text"])


class Process:
    """`is_slow`: its database threads do nothing unasked; `is_frozen`: it does nothing at all.

    `is_reading`: what its threads have read of conversations has not reached it yet.
    """

    def __init__(self, clock: VirtualClock, network: Network, provider: ScriptedProvider) -> None:
        self.loop = VirtualLoop(clock)
        self.layer = Layer(network)
        self._provider = provider
        channel_layers.set("hub", self.layer)
        self.engine = SimulatedEngine(provider, clock)
        self.is_slow = False
        self.is_frozen = False
        self.is_reading = False
        self.is_dead = False
        self._start = self.loop.create_task(self.engine.start())

    @property
    def is_running(self) -> bool:
        return not (self.is_dead or self.is_frozen)

    def do_all(self, do: Do) -> bool:
        """Have the threads do all that is asked of them; return whether there was anything."""
        if self.is_slow or not self.loop.jobs:
            return False
        moved = False
        for job in list(self.loop.jobs):
            is_held = self.is_reading and job.name == "snapshot"
            moved |= not (is_held and job.is_done)
            if not job.is_done:
                self.work(job, do)
            if not is_held:
                self.hear(job)
        return moved

    def work(self, job: Job, do: Do) -> None:
        """Let a thread do its unit of work; the process does not hear of it yet."""
        job.work(do)
        if job.error is not None and not isinstance(job.error, EXPECTED):
            raise job.error
        if job.name == "prompt_for" and job.error is None:
            request = job.result.request
            self._provider.asked_for[id(request)] = request, job.args[1]

    def hear(self, job: Job) -> None:
        self.loop.jobs.remove(job)
        job.tell()

    def crash(self) -> None:
        """End as by `kill -9`: nothing it would still do reaches anybody."""
        self.is_dead = True
        self.layer.leave()
        while tasks := asyncio.all_tasks(self.loop):
            for task in tasks:
                task.cancel()
            for job in list(self.loop.jobs):
                self.loop.jobs.remove(job)
                job.future.cancel()
            self.loop.settle()
        self.loop.defects.clear()
        self.loop.close()
