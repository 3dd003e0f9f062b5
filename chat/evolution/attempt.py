"""One attempt at a streamed answer: one request, read to its end."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from typing import Any

import httpx2
from openai import AsyncAPIResponse

from chat.evolution.client import Client
from chat.evolution.continuing import Way
from chat.evolution.decoding import StreamDecoder
from chat.evolution.errors import ProviderError, ProviderErrorCode
from chat.evolution.items import ChatRequest, Delta, Finish, Usage
from chat.evolution.overlap import Overlap, Seam
from chat.evolution.patience import Deadline, Patience

Ready = Callable[[], Awaitable[None]]

# The end of the body comes with `[DONE]` or right behind it; a new connection costs a handshake.
DRAIN_S = 0.05


class Attempt:
    """Sends one request and decodes what comes back. `started` is true once a delta was given."""

    def __init__(
        self, client: Client, patience: Patience, deadline: Deadline, ready: Ready | None
    ) -> None:
        self.started = False
        self._heard = False
        self._client = client
        self._patience = patience
        self._deadline = deadline
        self._ready = ready
        self._decoder = StreamDecoder()

    async def items(
        self, request: ChatRequest, way: Way, bearer: str | None
    ) -> AsyncGenerator[Delta | Usage | Finish, None]:
        """Yield the deltas, then the usage if it was given, then the finish.

        Raises `ProviderError` after all that was received has been yielded. Closing the
        generator, or a cancel inside it, closes the connection.
        """
        seam = Seam(Overlap(request.partial or "", in_words=way == "words"))
        async with AsyncExitStack() as connection:
            body = await self._open(connection, self._client.stream(request, way, bearer))
            while not self._decoder.done:
                deltas = await self._read(body)
                for delta in seam.pass_on(deltas, is_end=self._decoder.done):
                    self.started = True
                    yield delta
            await self._drain(body)
        # The connection is free before the caller stores the end.
        if self._decoder.usage is not None and (self.started or not self._decoder.failure):
            yield self._decoder.usage
        yield self._finish()

    async def _open(
        self,
        connection: AsyncExitStack,
        sending: AbstractAsyncContextManager[AsyncAPIResponse[Any]],
    ) -> AsyncIterator[bytes]:
        with self._client.errors():
            response = await self._patience.wait(connection.enter_async_context(sending))
        return response.iter_bytes()

    async def _read(self, body: AsyncIterator[bytes]) -> list[Delta]:
        """Return the deltas of one read of the network, perhaps none."""
        if self.started and self._ready is not None:
            await self._ready()
        deltas = await self._receive(body)
        if deltas:
            self._heard = True
            self._patience.refill()
        if self._decoder.finish_reason is not None:
            self._patience.shorten()
        return deltas

    async def _receive(self, body: AsyncIterator[bytes]) -> list[Delta]:
        try:
            self._deadline.check()
            data = await self._patience.wait(anext(body, b""))
        except ProviderError as error:
            return self._decoder.end(error)
        except httpx2.HTTPError as error:
            return self._decoder.end(self._lost(error))
        return self._decoder.feed(data) if data else self._decoder.end()

    async def _drain(self, body: AsyncIterator[bytes]) -> None:
        """Read the end of a whole body, so that its connection can serve the next request."""
        if self._decoder.failure is None:
            with suppress(TimeoutError, httpx2.HTTPError):
                async with asyncio.timeout(DRAIN_S):
                    await anext(body, b"")

    def _lost(self, error: httpx2.HTTPError) -> ProviderError:
        code: ProviderErrorCode = "provider_truncated" if self._heard else "provider_unavailable"
        return ProviderError(code, str(error))

    def _finish(self) -> Finish:
        if self._decoder.failure is not None:
            raise self._decoder.failure
        return Finish(self._decoder.finish_reason or "")
