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


class Deadline:
    """The end of the time for a whole answer, whatever the time is spent on."""

    def __init__(self, config: ProviderConfig, clock: Callable[[], float]) -> None:
        self.words = f"not done within {config.total_timeout_s:g} s"
        self._ends_at = clock() + config.total_timeout_s
        self._clock = clock

    @property
    def left_s(self) -> float:
        """The seconds that are left; negative when it has passed."""
        return self._ends_at - self._clock()

    def check(self) -> None:
        """Raise `ProviderError` provider_timeout when it has passed.

        What need not be waited for (all is there already, again and again) meets no time-out.
        """
        if self.left_s <= 0:
            raise ProviderError("provider_timeout", self.words)


class Patience:
    """A budget of waiting, spent only while something is awaited through `wait`.

    Comments and empty chunks do not refill it: a server that only keeps the connection alive
    does not keep the answer alive. No wait goes beyond `deadline`.
    """

    def __init__(
        self, config: ProviderConfig, clock: Callable[[], float], deadline: Deadline
    ) -> None:
        self._idle_s = config.idle_timeout_s
        self._left_s = config.first_chunk_timeout_s
        self._words = f"no first word within {config.first_chunk_timeout_s:g} s"
        self._clock = clock
        self._deadline = deadline

    async def wait(self, awaitable: Awaitable[T]) -> T:
        """Await within the budget. Raises `ProviderError` provider_timeout when it is spent."""
        started, total_left_s = self._clock(), self._deadline.left_s
        try:
            async with asyncio.timeout(min(self._left_s, total_left_s)) as timer:
                return await awaitable
        except TimeoutError:
            if not timer.expired():
                raise
            words = self._words if self._left_s < total_left_s else self._deadline.words
            raise ProviderError("provider_timeout", words) from None
        finally:
            self._left_s -= self._clock() - started

    def refill(self) -> None:
        """A delta has come: the idle time-out starts anew."""
        self._left_s = self._idle_s
        self._words = f"no word for {self._idle_s:g} s"

    def shorten(self) -> None:
        """The finish reason has come: wait no longer than for what belongs to it."""
        self._left_s = min(self._left_s, AFTER_FINISH_S)
