"""The Authorization of a request: a key, a token, or nothing."""

from collections.abc import Callable

import httpx2

from chat.evolution.config import ProviderConfig
from chat.evolution.token import TokenSource


class Credentials:
    """Gives the secret that authorises one attempt."""

    def __init__(
        self, config: ProviderConfig, http: httpx2.AsyncClient, clock: Callable[[], float]
    ) -> None:
        self._api_key = config.api_key
        self._tokens = TokenSource(config, http, clock) if config.key_id else None

    @property
    def renewable(self) -> bool:
        """Whether a refusal may be cured by a new token."""
        return self._tokens is not None

    async def bearer(self) -> str | None:
        """Return the secret to send, if any. Raises `ProviderError` when no token can be had."""
        return await self._tokens.current() if self._tokens else self._api_key

    def forget(self, refused: str | None) -> None:
        """Do not hand out the token `refused` again."""
        if self._tokens is not None and refused is not None:
            self._tokens.forget(refused)

    async def aclose(self) -> None:
        """Stop what runs in the background."""
        if self._tokens is not None:
            await self._tokens.aclose()
