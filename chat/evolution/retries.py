"""Which failure is tried again, and after how long. Pure: it neither sleeps nor reads a clock."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from chat.evolution.config import ProviderConfig
from chat.evolution.errors import ProviderError
from chat.evolution.transport import server_hung_up

RETRY_AFTER_MAX_S = 30.0

_RETRIED = {"provider_rate_limited", "provider_unavailable", "provider_timeout"}


def full_jitter(ceiling_s: float) -> float:
    """Return a delay anywhere below `ceiling_s`: clients that failed together do not return so."""
    return random.uniform(0, ceiling_s)


@dataclass(frozen=True)
class Pause:
    """Wait `delay_s`, then try again.

    `attempt` counts the waits from 1, and is 0 for a retry without a wait; `renews_token` asks
    for another token first.
    """

    attempt: int = 0
    delay_s: float = 0.0
    renews_token: bool = False


class Retries:
    """The retries of one request.

    Two immediate ones that do not count, each once: for a connection that the server had
    closed, and with a new token. Then `max_retries` with growing pauses.
    """

    def __init__(
        self, config: ProviderConfig, jitter: Callable[[float], float], *, renewable: bool
    ) -> None:
        self._config = config
        self._jitter = jitter
        self._renewable = renewable
        self._reconnectable = True
        self._attempt = 0

    def after(self, error: ProviderError) -> Pause | None:
        """Return the pause before the next attempt, or None to give up.

        A longer Retry-After than 30 s is neither waited for nor cut short: the caller is told.
        """
        if error.status in (401, 403) and self._renewable:
            self._renewable = False
            return Pause(renews_token=True)
        if self._reconnectable and server_hung_up(error):
            self._reconnectable = False
            return Pause()
        return self._growing(error)

    def _growing(self, error: ProviderError) -> Pause | None:
        asked_s = error.retry_after_s or 0.0
        if not self._may_retry(error) or asked_s > RETRY_AFTER_MAX_S:
            return None
        ceiling_s = min(self._config.retry_cap_s, self._config.retry_base_s * 2**self._attempt)
        self._attempt += 1
        return Pause(self._attempt, max(asked_s, self._jitter(ceiling_s)))

    def _may_retry(self, error: ProviderError) -> bool:
        left = self._attempt < self._config.max_retries
        return left and error.retryable and error.code in _RETRIED
