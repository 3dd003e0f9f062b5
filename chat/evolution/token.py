"""IAM tokens: a key pair exchanged for a token, kept and refreshed in time."""

import asyncio
import contextvars
import logging
from collections.abc import Callable
from dataclasses import dataclass

import httpx2
import msgspec

from chat.evolution.config import ProviderConfig
from chat.evolution.errors import ProviderError
from chat.evolution.mapping import from_status

logger = logging.getLogger(__name__)

EXCHANGE_TIMEOUT_S = 15.0
REFRESH_AT_SHARE_OF_LIFE = 0.8
REFRESH_BEFORE_EXPIRY_S = 30.0
# After a failed refresh, while the old token still serves.
REFRESH_RETRY_S = 5.0


class _Answer(msgspec.Struct):
    access_token: str
    expires_in: float = 3600


@dataclass(frozen=True)
class Token:
    """A token and its times, in seconds of the clock that was passed in."""

    value: str
    refresh_at: float
    expires_at: float

    def __repr__(self) -> str:
        return f"Token(refresh_at={self.refresh_at:.0f}, expires_at={self.expires_at:.0f})"


class TokenSource:
    """Hands out a valid token; however many ask, one exchange runs at a time.

    A token is refreshed at 80 % of its life, and at the latest 30 s before it expires, in the
    background: nobody waits while the old one is valid, also when refreshing fails.
    """

    def __init__(
        self, config: ProviderConfig, http: httpx2.AsyncClient, clock: Callable[[], float]
    ) -> None:
        self._config = config
        self._http = http
        self._clock = clock
        self._token: Token | None = None
        self._flight: asyncio.Task[Token] | None = None
        self._not_before = float("-inf")

    async def current(self) -> str:
        """Return a token. Raises `ProviderError` when there is none and none can be had.

        A cancelled caller leaves the running exchange to the others.
        """
        token, now = self._token, self._clock()
        if token is None or now >= token.expires_at:
            return (await asyncio.shield(self._exchange())).value
        if now >= max(token.refresh_at, self._not_before):
            self._exchange()
        return token.value

    def forget(self, rejected: str) -> None:
        """Drop the token `rejected` by the model; the next `current` gets another one.

        Nothing happens when it has been replaced already.
        """
        if self._token is not None and self._token.value == rejected:
            self._token = None

    async def aclose(self) -> None:
        """Stop a running exchange."""
        if self._flight is not None:
            self._flight.cancel("the provider is closed")
            await asyncio.wait([self._flight])

    def _exchange(self) -> asyncio.Task[Token]:
        if self._flight is None or self._flight.done():
            # A context of its own: it must not keep that of whoever happened to ask first.
            self._flight = asyncio.create_task(self._fetch(), context=contextvars.Context())
            self._flight.add_done_callback(self._landed)
        return self._flight

    def _landed(self, flight: asyncio.Task[Token]) -> None:
        if flight.cancelled():
            return
        if (error := flight.exception()) is None:
            self._token = flight.result()
        else:
            self._not_before = self._clock() + REFRESH_RETRY_S
            logger.warning("IAM token exchange failed: %s", error)

    async def _fetch(self) -> Token:
        try:
            async with asyncio.timeout(EXCHANGE_TIMEOUT_S):
                response = await self._http.post(self._config.token_url, json=self._key_pair())
        except TimeoutError:
            raise ProviderError("provider_timeout", "no answer to the token exchange") from None
        except httpx2.HTTPError as error:
            # Not chained: the request in the SDK's errors carries the secret in its body.
            raise ProviderError("provider_unavailable", f"token exchange: {error}") from None
        if not response.is_success:
            raise self._refused(response)
        return self._token_of(response)

    def _key_pair(self) -> dict[str, str | None]:
        return {"keyId": self._config.key_id, "secret": self._config.secret}

    def _refused(self, response: httpx2.Response) -> ProviderError:
        text = self._config.redact(response.text)
        if response.status_code in (400, 401, 403, 404):
            return ProviderError("provider_auth", text, status=response.status_code)
        return from_status(response.status_code, text, response.headers)

    def _token_of(self, response: httpx2.Response) -> Token:
        try:
            answer = msgspec.json.decode(response.content, type=_Answer, strict=False)
        except msgspec.DecodeError:
            detail = "the token exchange gave no token"
            raise ProviderError("provider_bad_response", detail) from None
        now, life_s = self._clock(), answer.expires_in
        early_s = max((1 - REFRESH_AT_SHARE_OF_LIFE) * life_s, REFRESH_BEFORE_EXPIRY_S)
        return Token(answer.access_token, now + max(0.0, life_s - early_s), now + life_s)
