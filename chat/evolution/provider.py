"""The provider: streams of answers, and the list of models."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

import httpx2

from chat.evolution.attempt import Attempt, Ready
from chat.evolution.catalog import ModelInfo, parse_models
from chat.evolution.client import Client
from chat.evolution.config import ProviderConfig
from chat.evolution.credentials import Credentials
from chat.evolution.errors import ProviderError
from chat.evolution.items import ChatRequest, Retrying, StreamItem
from chat.evolution.patience import Patience
from chat.evolution.retries import Pause, Retries, full_jitter
from chat.evolution.transport import AiohttpTransport


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

    async def stream(
        self, request: ChatRequest, *, ready: Ready | None = None
    ) -> AsyncGenerator[StreamItem, None]:
        """Ask the model and yield its answer as it comes; `Finish` is the last item.

        With `ready`, it is awaited before each read of the network once the first delta has
        been yielded: all that has arrived meanwhile is one `Delta` for each kind. The time
        spent in it is not the provider's and counts for no time-out.

        Raises `ProviderError`, after everything that was received has been yielded. Before the
        first delta a failure that may pass is tried again, announced by `Retrying`; after it,
        never, so no text comes twice.

        A cancel, or closing the generator (`contextlib.aclosing`, as after a `break`), closes
        the connection to the provider at once and leaves nothing behind.
        """
        retries = self._retries()
        while True:
            attempt = Attempt(self._client, Patience(self._config, self._clock), ready)
            bearer = None
            try:
                bearer = await self._credentials.bearer()
                async with aclosing(attempt.items(request, bearer)) as items:
                    async for item in items:
                        yield item
                return
            except ProviderError as error:
                if attempt.started:
                    raise
                pause = self._pause(retries, error, bearer)
                retrying = Retrying(pause.attempt, round(pause.delay_s * 1000), error.code)
            if pause.attempt:
                yield retrying
                await self._sleep(pause.delay_s)

    async def models(self) -> list[ModelInfo]:
        """Return the models in the provider's order. Raises `ProviderError`.

        It is tried again only when that needs no waiting: a stale connection, a stale token.
        """
        retries = self._retries()
        while True:
            bearer = None
            try:
                bearer = await self._credentials.bearer()
                return parse_models(await self._client.models(bearer))
            except ProviderError as error:
                if self._pause(retries, error, bearer).attempt:
                    raise

    async def aclose(self) -> None:
        """Close every connection, those of running streams too."""
        await self._credentials.aclose()
        await self._http.aclose()

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
