"""How long one attempt may wait for the provider."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from chat.evolution.config import ProviderConfig
from chat.evolution.errors import ProviderError

T = TypeVar("T")

# The usage and `[DONE]` follow the finish reason at once; an answer that is whole does not wait
# long for them.
AFTER_FINISH_S = 2.0


class Patience:
    """A budget of waiting, spent only while something is awaited through `wait`.

    Comments and empty chunks do not refill it: a server that only keeps the connection alive
    does not keep the answer alive.
    """

    def __init__(self, config: ProviderConfig, clock: Callable[[], float]) -> None:
        self._idle_s = config.idle_timeout_s
        self._left_s = config.first_chunk_timeout_s
        self._clock = clock

    async def wait(self, awaitable: Awaitable[T]) -> T:
        """Await within the budget. Raises `ProviderError` provider_timeout when it is spent."""
        started = self._clock()
        try:
            async with asyncio.timeout(self._left_s) as timer:
                return await awaitable
        except TimeoutError:
            if not timer.expired():
                raise
            raise ProviderError("provider_timeout", "nothing came in time") from None
        finally:
            self._left_s -= self._clock() - started

    def refill(self) -> None:
        """A delta has come: the idle time-out starts anew."""
        self._left_s = self._idle_s

    def shorten(self) -> None:
        """The finish reason has come: wait no longer than for what belongs to it."""
        self._left_s = min(self._left_s, AFTER_FINISH_S)
