"""The process that writes answers: claims what is queued, streams it, keeps its lease, reaps the dead."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import os
import socket
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, cast
from uuid import UUID

from chat import protocol
from chat.conversations.shapes import retrying_envelope, started_envelope
from chat.evolution import ChatRequest, Delta, Finish, Provider, ProviderError, Retrying, Usage
from chat.generation.admission import Claimed, Limits, claim
from chat.generation.journal import OUTAGE_RETRY_S, Journal
from chat.generation.live import LiveGeneration, Outcome
from chat.generation.prompt import Prompt, prompt_for
from chat.generation.reaper import Reaper, forget_old_logs
from chat.generation.record import LeaseLostError, retire
from chat.generation.titles import TITLE_TIMEOUT_S, clean_title, give_title, title_request
from chat.generation.tokens import estimated_tokens
from chat.hub import Hub
from chat.models import LanguageModel, Status
from chat.models import Runner as RunnerRow
from chat.threads import DATABASE_DOWN, DATABASE_ERRORS, DatabaseThreads
from chat.timing import Clock, Stopwatch

log = logging.getLogger(__name__)

# tick (50 ms) < claim < heartbeat < lease (10 s)
CLAIM_EVERY_S = 0.5
HEARTBEAT_S = 2.0
REAP_EVERY_S = 2.0
FORGET_EVERY_S = 20.0
RETIRE_WITHIN_S = 1.0

REFUSALS = ("provider_forbidden", "provider_model_not_found")


@dataclass(frozen=True, slots=True)
class RunnerConfig:
    """How a runner works: its limits, the window in seconds, the model when a generation names none.

    `outage_max_s`: how long an answer waits for a database that takes nothing, before it is interrupted.
    `titles`: whether new conversations are named by the model.
    """

    limits: Limits
    window_s: float
    outage_max_s: float
    default_model: str
    titles: bool


class Runner:
    """One incarnation of the generating process. A lost lease ends it; `lost` is called, once."""

    def __init__(
        self,
        hub: Hub,
        provider: Provider,
        config: RunnerConfig,
        lost: Callable[[], None],
        clock: Clock = time.monotonic,
    ) -> None:
        self.id = uuid.uuid4()
        self._hub = hub
        self._provider = provider
        self._config = config
        self._lost = lost
        self._clock = clock
        self._live: dict[UUID, LiveGeneration] = {}
        self._hint = asyncio.Event()
        self._drained = asyncio.Event()
        self._control = DatabaseThreads("runner")
        # Its own thread: a lease must not run out behind a claim that waits for a lock.
        self._lease = DatabaseThreads("lease")
        self._prompts = DatabaseThreads("prompts", 2)
        self._reaping = DatabaseThreads("reaper")
        self._reaper = Reaper(self.id, clock)
        self._journal = Journal(
            self.id,
            hub,
            clock,
            config.window_s,
            config.outage_max_s,
            ended=self._left,
            lost=self._lose,
        )
        self._loops: list[asyncio.Task[None]] = []
        self._namings: set[asyncio.Task[None]] = set()
        # One at a time: titles take no place from answers.
        self._naming = asyncio.Semaphore(1)
        self._is_claiming = True
        self._is_hurried = False
        self._is_lost = False

    async def start(self) -> None:
        """Enlist and begin to work. Raises the database's error if that is down."""
        name = f"{socket.gethostname()}:{os.getpid()}"
        await self._control.run_again_if_down(RunnerRow.objects.enlist, self.id, name)
        self._hub.on_hint = self._hint.set
        self._hub.is_local = self._live.__contains__
        self._journal.start()
        self._loops = [
            self._spawn(self._every(HEARTBEAT_S, self._renew)),
            self._spawn(self._every(REAP_EVERY_S, self._reap)),
            self._spawn(self._every(FORGET_EVERY_S, self._forget)),
            self._spawn(self._claim_on_hints()),
        ]

    async def stop(self, grace_s: float) -> None:
        """Claim no more, let what runs end within `grace_s`, then end the rest as interrupted.

        Everything a socket was shown is stored when this returns, and the lease is given back; if the
        database does not answer, the lease runs out and another runner ends what was ours.
        """
        self._is_claiming = False
        async with AsyncExitStack() as closing:
            for threads in (self._control, self._lease, self._prompts, self._reaping):
                closing.push_async_callback(threads.close)
            if not self._is_lost:
                await self._unless_silent(self._drain(grace_s), grace_s + 2 * HEARTBEAT_S)
            await self._halt()
            if not self._is_lost:
                retiring = self._guarded(lambda: self._control.run(retire, self.id))
                await self._unless_silent(retiring, RETIRE_WITHIN_S)

    def cut_grace(self) -> None:
        """Have a `stop` that waits for answers to end wait no longer."""
        if not self._is_hurried:
            self._is_hurried = True
            self._drained.set()

    async def _drain(self, grace_s: float) -> None:
        await self._guarded(self._finish_claiming)
        await self._wait_until_drained(0 if self._is_hurried else grace_s)
        # From here on there is nothing left to cut: what is shown is being stored.
        self._is_hurried = True
        for live in list(self._live.values()):
            live.stop(Status.INTERRUPTED)
        await self._wait_until_drained(HEARTBEAT_S)

    async def _unless_silent(self, work: Awaitable[None], seconds: float) -> None:
        """Do a step of the stop, but not for ever: a database may answer nothing, not even no."""
        try:
            async with asyncio.timeout(seconds):
                await work
        except TimeoutError:
            log.warning("runner %s stops without the database; its answers will be reaped", self.id)

    async def _finish_claiming(self) -> None:
        """Have a claim that is under way taken on: what it claimed must be ended by us."""
        await self._control.run(lambda: None)
        await asyncio.sleep(0)

    def cancel_local(self, generation_id: UUID, owner: int) -> bool:
        """Stop a generation of this process at once, if it is that user's; False: not here."""
        live = self._live.get(generation_id)
        if live is None or live.owner != owner or live.outcome is not None:
            return False
        live.stop(Status.CANCELLED)
        return True

    def cancel_hint(self, generation_ids: list[UUID]) -> None:
        """Stop those that run here, without waiting for the tick that sees their flag."""
        for generation_id in generation_ids:
            if live := self._live.get(generation_id):
                live.stop(Status.CANCELLED)

    async def _halt(self) -> None:
        streams = [live.task for live in self._live.values() if live.task]
        tasks = [*self._loops, *streams, *self._namings]
        for task in tasks:
            task.cancel("runner stops")
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._journal.stop()

    async def _wait_until_drained(self, timeout_s: float) -> None:
        self._drained.clear()
        if not self._live:
            return
        try:
            async with asyncio.timeout(timeout_s):
                await self._drained.wait()
        except TimeoutError:
            pass

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        # A clean context: one started from a request would keep that request's thread alive.
        return asyncio.create_task(work, context=contextvars.Context())

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await self._guarded(work)
            await asyncio.sleep(seconds)

    async def _claim_on_hints(self) -> None:
        while True:
            self._hint.clear()
            if self._is_claiming:
                await self._guarded(self._claim)
            try:
                async with asyncio.timeout(CLAIM_EVERY_S):
                    await self._hint.wait()
            except TimeoutError:
                pass

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run a step of a loop that must go on: an outage passes, a lost lease ends the runner."""
        try:
            await work()
        except LeaseLostError:
            self._lose()
        except DATABASE_DOWN as error:
            log.debug("the database is down: %s", error)
        except Exception:
            log.exception("a step of the runner failed")

    async def _renew(self) -> None:
        if not await self._lease.run(RunnerRow.objects.renew, self.id):
            raise LeaseLostError(str(self.id))

    async def _reap(self) -> None:
        ended = await self._reaping.run(self._reaper.reap)
        if ended:
            log.warning("ended %d generations of dead runners", len(ended))
            self._hub.publish(ended, hint=True)

    async def _forget(self) -> None:
        await self._reaping.run(forget_old_logs)

    async def _claim(self) -> None:
        claims = await self._control.run(claim, self.id, self._config.limits, frozenset(self._live))
        for claimed in claims.generations:
            self._take_on(claimed)
        self._hub.publish(claims.envelopes)

    def _take_on(self, claimed: Claimed) -> None:
        live = LiveGeneration(**claimed._asdict(), watch=Stopwatch(self._clock))
        self._live[live.id] = live
        self._journal.add(live)
        live.task = self._spawn(self._write(live))
        live.task.add_done_callback(lambda task: self._finish_if_stopped(live))

    def _finish_if_stopped(self, live: LiveGeneration) -> None:
        """End a stream that was cancelled, be it before its first step."""
        if live.outcome is None:
            self._finish(live, Outcome(live.stop_as or Status.INTERRUPTED))

    def _finish(self, live: LiveGeneration, outcome: Outcome) -> None:
        if outcome.input_tokens is None:
            outcome.input_tokens = live.input_tokens_estimate
        outcome.measured = live.watch.read()
        self._journal.finish(live, outcome)

    def _left(self, live: LiveGeneration) -> None:
        self._live.pop(live.id, None)
        if self._is_to_be_named(live):
            naming = self._spawn(self._name(live))
            self._namings.add(naming)
            naming.add_done_callback(self._namings.discard)
        if not self._live:
            self._drained.set()

    def _is_to_be_named(self, live: LiveGeneration) -> bool:
        completed = live.outcome is not None and live.outcome.status == Status.COMPLETED
        wanted = self._config.titles and live.title_from is not None and self._is_claiming
        return completed and wanted and bool(live.buffer.content)

    async def _name(self, live: LiveGeneration) -> None:
        """Have the model name a new conversation. When it cannot, the prompt's first words stay."""
        request = title_request(live.model, live.title_from or "", live.buffer.content)
        try:
            async with self._naming:
                said = await self._provider.complete(request, timeout_s=TITLE_TIMEOUT_S)
            if title := clean_title(said):
                told = await self._control.run(give_title, live.conversation, title)
                self._hub.publish([told] if told else [])
        except (ProviderError, *DATABASE_ERRORS) as error:
            log.info("no title for conversation %s: %s", live.conversation, error)

    def _lose(self) -> None:
        """Stop at once: another process has ended what was ours. What we hold is not written."""
        if not self._is_lost:
            self._is_lost = True
            self._is_claiming = False
            log.error("runner %s lost its lease and starts anew", self.id)
            self._lost()

    async def _write(self, live: LiveGeneration) -> None:
        """Stream one answer into the Journal and tell it how that ended."""
        try:
            prompt = await self._prompt_of(live)
            self._tell_started(live, prompt)
            live.watch = Stopwatch(self._clock)
            outcome = await self._stream(live, prompt.request)
        except ProviderError as error:
            log.warning("generation %s: %s", live.id, error)
            await self._note_refusal(live, error)
            outcome = Outcome(
                Status.FAILED, code=error.code, retryable=error.retryable, detail=error.detail
            )
        except LeaseLostError:
            self._lose()
            return
        except Exception as error:
            log.exception("generation %s failed", live.id)
            outcome = Outcome.of_defect(error)
        self._finish(live, outcome)

    async def _stream(self, live: LiveGeneration, request: ChatRequest) -> Outcome:
        outcome = Outcome(Status.COMPLETED)
        stream = self._provider.stream(request, ready=partial(self._journal.window, live))
        async with aclosing(stream) as items:
            async for item in items:
                match item:
                    case Delta():
                        live.watch.delta(item.kind, len(item.text), item.chunks)
                        self._journal.push(live, item.kind, item.text)
                    case Usage():
                        outcome.input_tokens = item.input_tokens
                        outcome.output_tokens = item.output_tokens
                    case Finish():
                        outcome.finish_reason = item.reason
                    case Retrying():
                        self._tell_retry(live, item)
        return outcome

    async def _prompt_of(self, live: LiveGeneration) -> Prompt:
        """Read what to ask, however long the database is away: an answer outlives that."""
        default_model = self._config.default_model
        while True:
            try:
                return await self._prompts.run(prompt_for, self.id, live.id, default_model)
            except DATABASE_DOWN as error:
                log.debug("a prompt waits for the database: %s", error)
                await asyncio.sleep(OUTAGE_RETRY_S)

    def _tell_started(self, live: LiveGeneration, prompt: Prompt) -> None:
        live.model = prompt.request.model
        live.title_from = prompt.title_from
        text = "".join(message["content"] for message in prompt.request.messages)
        live.input_tokens_estimate = estimated_tokens(text + (prompt.request.partial or ""))
        self._hub.publish([started_envelope(live.conversation, live.id, prompt.omitted)])

    async def _note_refusal(self, live: LiveGeneration, error: ProviderError) -> None:
        """Mark a model that is listed but not for us; people then see it as unavailable."""
        if error.code in REFUSALS:
            with contextlib.suppress(*DATABASE_ERRORS):
                await self._control.run(LanguageModel.objects.note_refusal, live.model)

    def _tell_retry(self, live: LiveGeneration, item: Retrying) -> None:
        event = protocol.GenerationRetrying(
            generation=live.id,
            attempt=item.attempt,
            delay_ms=item.delay_ms,
            code=cast("protocol.FailureCode", item.code),
        )
        self._hub.publish([retrying_envelope(live.conversation, event)])
