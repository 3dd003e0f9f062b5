"""The provider: streams of answers, short whole answers, and the list of models."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from functools import partial
from typing import TypeVar

import httpx2

from chat.evolution.attempt import Attempt, Ready
from chat.evolution.catalog import ModelInfo, parse_models
from chat.evolution.client import Client
from chat.evolution.completion import text_of
from chat.evolution.config import ProviderConfig
from chat.evolution.continuing import Continuing
from chat.evolution.credentials import Credentials
from chat.evolution.errors import ProviderError
from chat.evolution.items import ChatRequest, Retrying, StreamItem
from chat.evolution.patience import Deadline, Patience
from chat.evolution.retries import Pause, Retries, full_jitter
from chat.evolution.transport import AiohttpTransport

T = TypeVar("T")

COMPLETE_TIMEOUT_S = 20.0
MODELS_TIMEOUT_S = 20.0


class Provider:
    """One provider, for the life of a process; use it from one event loop.

    `clock` returns seconds and never goes back. `sleep` and `jitter` (a ceiling in seconds to a
    delay) make the retries.
    """

    def __init__(
        self,
        config: ProviderConfig,
        clock: Callable[[], float] = time.monotonic,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[float], float] = full_jitter,
    ) -> None:
        self._config = config
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._http = httpx2.AsyncClient(
            transport=AiohttpTransport(config.connect_timeout_s), timeout=None
        )
        self._client = Client(config, self._http)
        self._credentials = Credentials(config, self._http, clock)
        self._continuing = Continuing()

    async def stream(
        self, request: ChatRequest, *, ready: Ready | None = None
    ) -> AsyncGenerator[StreamItem, None]:
        """Ask the model and yield its answer as it comes; `Finish` is the last item.

        With `ready`, it is awaited before each read of the network once the first delta has
        been yielded: all that has arrived meanwhile is one `Delta` for each kind. The time
        spent in it is not the provider's and counts for no time-out but the total one.

        Raises `ProviderError`, after everything that was received has been yielded. Before the
        first delta a failure that may pass is tried again, announced by `Retrying`; after it,
        never, so no text comes twice. Nor does any of `request.partial`: a model that takes no
        beginning of its answer is asked in words to go on, and what it says again is dropped.

        A cancel, or closing the generator (`contextlib.aclosing`, as after a `break`), closes
        the connection to the provider at once and leaves nothing behind.
        """
        retries, way = self._retries(), self._continuing.way(request)
        deadline = Deadline(self._config, self._clock)
        while True:
            patience = Patience(self._config, self._clock, deadline)
            attempt = Attempt(self._client, patience, deadline, ready)
            bearer = None
            try:
                bearer = await self._credentials.bearer()
                async with aclosing(attempt.items(request, way, bearer)) as items:
                    async for item in items:
                        yield item
                return
            except ProviderError as error:
                self._conceal(error, bearer)
                if attempt.started:
                    raise
                asked, way = way, self._continuing.after(request, way, error)
                if way != asked:
                    continue
                pause = self._pause(retries, error, bearer)
                if pause.delay_s >= deadline.left_s:
                    raise
                retrying = Retrying(pause.attempt, round(pause.delay_s * 1000), error.code)
            if pause.attempt:
                yield retrying
                await self._sleep(pause.delay_s)

    async def complete(self, request: ChatRequest, *, timeout_s: float = COMPLETE_TIMEOUT_S) -> str:
        """Ask for a short answer at once and return its text, without reasoning and outer space.

        The text is empty when there was nothing but reasoning. Raises `ProviderError`; it is
        tried again only when that needs no waiting, all within `timeout_s`.
        """
        call = partial(self._client.complete, request)
        return await self._at_once(call, text_of, timeout_s)

    async def models(self) -> list[ModelInfo]:
        """Return the models in the provider's order. Raises `ProviderError`.

        It is tried again only when that needs no waiting: a stale connection, a stale token.
        """
        return await self._at_once(self._client.models, parse_models, MODELS_TIMEOUT_S)

    async def aclose(self) -> None:
        """Close every connection, those of running streams too."""
        await self._credentials.aclose()
        await self._http.aclose()

    async def _at_once(
        self,
        call: Callable[[str | None], Awaitable[bytes]],
        parse: Callable[[bytes], T],
        timeout_s: float,
    ) -> T:
        try:
            async with asyncio.timeout(timeout_s) as timer:
                return await self._whole(call, parse)
        except TimeoutError:
            if not timer.expired():
                raise
            raise ProviderError("provider_timeout", f"no answer within {timeout_s:g} s") from None

    async def _whole(
        self, call: Callable[[str | None], Awaitable[bytes]], parse: Callable[[bytes], T]
    ) -> T:
        """Call with a bearer, and again when that needs no waiting."""
        retries = self._retries()
        while True:
            bearer = None
            try:
                bearer = await self._credentials.bearer()
                return parse(await call(bearer))
            except ProviderError as error:
                self._conceal(error, bearer)
                if self._pause(retries, error, bearer).attempt:
                    raise

    def _conceal(self, error: ProviderError, bearer: str | None) -> None:
        error.conceal([*self._config.secrets, *([bearer] if bearer else [])])

    def _retries(self) -> Retries:
        return Retries(self._config, self._jitter, renewable=self._credentials.renewable)

    def _pause(self, retries: Retries, error: ProviderError, bearer: str | None) -> Pause:
        """Return the pause before the next attempt. Raises `error` when there is to be none."""
        pause = retries.after(error)
        if pause is None:
            raise error
        if pause.renews_token:
            self._credentials.forget(bearer)
        return pause
