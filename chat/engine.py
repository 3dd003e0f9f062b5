"""All that runs in one process, put together: Hub, threads, and the Runner where answers are written."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from chat import conversations
from chat.envelope import Envelope
from chat.evolution import ModelInfo, Provider, ProviderConfig
from chat.generation.admission import Limits
from chat.generation.catalogue import sync_models
from chat.generation.runner import Runner, RunnerConfig
from chat.hub import Hub, Place
from chat.session_watch import SessionWatch
from chat.threads import DatabaseThreads
from chat.timing import Clock

if TYPE_CHECKING:
    from local_model.demo import DemoModel

log = logging.getLogger(__name__)

COMMAND_THREADS = 4
MODELS_EVERY_S = 600.0
MODELS_RETRY_S = 15.0
RESTART_RETRY_S = 1.0


@dataclass(frozen=True, slots=True)
class Source:
    """Where answers come from: the provider, and the demo model behind it if there is one."""

    provider: Provider
    default_model: str
    demo: DemoModel | None = None

    async def close(self) -> None:
        await self.provider.aclose()
        if self.demo is not None:
            await self.demo.stop()


@dataclass(frozen=True, slots=True)
class Record:
    """What a Hub looks for in the database, in threads."""

    threads: DatabaseThreads

    async def probe(self, watched: list[UUID], quiet: list[UUID]) -> Mapping[UUID, Place]:
        return await self.threads.run(conversations.probe, watched, quiet)

    async def recent(self, owners: list[int], seconds: float) -> Mapping[UUID, int]:
        return await self.threads.run(conversations.recent, owners, seconds)

    async def list_envelopes(self, ids: list[UUID]) -> list[Envelope]:
        return await self.threads.run(conversations.list_envelopes, ids)


class Engine:
    """One per process. `generates`: whether answers are written here.

    `commands` are the threads for what sockets ask of the database, `hub` is who watches what,
    `sessions` who may stay.
    """

    def __init__(self, *, generates: bool, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self.commands = DatabaseThreads("command", COMMAND_THREADS)
        self._looks = DatabaseThreads("look")
        self.hub = Hub(Record(self._looks), clock)
        self.sessions = SessionWatch()
        self.runner: Runner | None = None
        self._generates = generates
        self._source: Source | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._lost = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        """Start everything; in a process that generates, the demo model too if nothing is configured."""
        self._loop = asyncio.get_running_loop()
        self.hub.start()
        self.sessions.start()
        if self._generates:
            self._source = await _source()
            keepers = (self._keep_running, self._keep_models, self._keep_demo)
            self._tasks = [asyncio.create_task(keep()) for keep in keepers]

    async def stop_generating(self, grace_s: float) -> None:
        """Claim nothing more; what is being written gets `grace_s` seconds to end. Sockets still work."""
        for task in self._tasks:
            task.cancel("engine stops")
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.runner is not None:
            await self.runner.stop(grace_s)
            self.runner = None

    async def stop(self, grace_s: float = 0.0) -> None:
        """Stop in order: the runner (its generations get `grace_s` to end), the Hub, the threads."""
        await self.stop_generating(grace_s)
        await self.sessions.stop()
        await self.hub.stop()
        if self._source is not None:
            await self._source.close()
        await asyncio.gather(self.commands.close(), self._looks.close())

    def tell_stopped(self, generations: list[UUID], envelopes: list[Envelope]) -> None:
        """Stop what of these runs here and tell who watches, from any thread. It must be stored already."""
        if self._loop is not None:
            # A clean context: who calls is serving a request.
            context = contextvars.Context()
            self._loop.call_soon_threadsafe(self._stopped, generations, envelopes, context=context)

    def _stopped(self, generations: list[UUID], envelopes: list[Envelope]) -> None:
        if self.runner is not None:
            self.runner.cancel_hint(generations)
        self.hub.publish(envelopes, hint=bool(envelopes))

    def cut_grace(self) -> None:
        """Have a `stop` that is under way give running answers no more time."""
        if self.runner is not None:
            self.runner.cut_grace()

    @property
    def _from(self) -> Source:
        """Where answers come from: known in every process that generates, once it has started."""
        if self._source is None:
            raise RuntimeError("this process writes no answers")
        return self._source

    async def _keep_running(self) -> None:
        """Have a runner at all times: a new one each time the last has lost its lease."""
        while True:
            self._lost.clear()
            source = self._from
            config = _runner_config(source)
            runner = Runner(self.hub, source.provider, config, self._lost.set, self._clock)
            self.runner = runner
            try:
                await runner.start()
                await self._lost.wait()
            except Exception as error:  # noqa: BLE001  # no answers without it: it is tried until it works
                log.warning("the runner did not start: %r", error)
                await asyncio.sleep(RESTART_RETRY_S)
            # Not in a `finally`: at the engine's own stop the runner gets its grace.
            self.runner = None
            try:
                await runner.stop(0)
            except Exception:
                # What it held is reaped; the next one must start all the same.
                log.exception("a runner did not stop as it should")

    async def _keep_demo(self) -> None:
        """Start the demo's model again when it has ended, and a runner that asks the new one."""
        while (demo := self._from.demo) is not None:
            await demo.ended()
            log.error("the demo's model has ended and starts again")
            await asyncio.sleep(RESTART_RETRY_S)
            try:
                fresh = await _source()
            except Exception as error:  # noqa: BLE001  # the next turn of the loop tries again
                log.warning("the demo's model did not start: %r", error)
                continue
            old, self._source = self._from, fresh
            self._lost.set()
            await old.close()

    async def _keep_models(self) -> None:
        while True:
            is_done = await self._refresh_models(self._from)
            await asyncio.sleep(MODELS_EVERY_S if is_done else MODELS_RETRY_S)

    async def _refresh_models(self, source: Source) -> bool:
        try:
            listed = await source.provider.models()
            await self._looks.run(_sync, listed, source)
        except Exception as error:  # noqa: BLE001  # the next look may find it well
            log.warning("the list of models could not be refreshed: %s", error)
            return False
        return True


def _sync(listed: list[ModelInfo], source: Source) -> None:
    if source.demo is not None:
        demo = source.demo
        listed = [replace(m, title=demo.title) for m in listed if m.id == demo.model]
    sync_models(listed, demo=source.demo is not None)


def _runner_config(source: Source) -> RunnerConfig:
    return RunnerConfig(
        limits=Limits(settings.EVOLUTION_MAX_PARALLEL, settings.USER_MAX_GENERATIONS),
        window_s=settings.DELTA_WINDOW_MS / 1000,
        outage_max_s=settings.DATABASE_OUTAGE_TIMEOUT,
        default_model=source.default_model,
        # The demo's model is too small to name anything.
        titles=settings.EVOLUTION_TITLES and source.demo is None,
    )


async def _source() -> Source:
    if settings.EVOLUTION_IS_SET:
        return Source(Provider(_provider_config()), settings.EVOLUTION_MODEL)
    # Imported here: a server with a provider of its own needs none of it.
    from local_model.demo import DemoModel

    demo = await DemoModel.start()
    log.warning("no EVOLUTION_* is set: answers come from %s", demo.title)
    return Source(Provider(ProviderConfig(base_url=demo.base_url)), demo.model, demo)


def _provider_config() -> ProviderConfig:
    return ProviderConfig(
        base_url=settings.EVOLUTION_BASE_URL,
        api_key=settings.EVOLUTION_API_KEY or None,
        key_id=settings.EVOLUTION_KEY_ID or None,
        secret=settings.EVOLUTION_SECRET or None,
        first_chunk_timeout_s=settings.EVOLUTION_FIRST_CHUNK_TIMEOUT,
        idle_timeout_s=settings.EVOLUTION_IDLE_TIMEOUT,
        connect_timeout_s=settings.EVOLUTION_CONNECT_TIMEOUT,
        total_timeout_s=settings.EVOLUTION_TOTAL_TIMEOUT,
        token_url=settings.EVOLUTION_TOKEN_URL,
    )
