"""Everything that can go wrong with the provider, as one exception with a stable code.

ProviderError
    code                       retried  meaning
    provider_auth              no       the key or the token is refused (401), or no token is had
    provider_forbidden         no       no access to the model (403), or no money (402)
    provider_model_not_found   no       unknown model (404)
    provider_bad_request       no       the provider does not accept the parameters
    context_length_exceeded    no       the conversation is too long for the model
    provider_rate_limited      yes      429; not retried when it is a spent quota
    provider_unavailable       yes      409, 5xx, no connection, or lost before the first delta
    provider_timeout           yes      408, or nothing came in time
    provider_truncated         no       the stream ended without a finish reason
    provider_bad_response      no       not a stream of chunks: HTML, broken JSON, a huge line

"retried" is what our own loop does, and only before the first delta. `retryable` tells a person
whether sending the same request again may help; that is true of the last two codes as well.
"""

from collections.abc import Iterable
from typing import Literal

from chat.evolution.redaction import without

ProviderErrorCode = Literal[
    "provider_auth",
    "provider_forbidden",
    "provider_model_not_found",
    "provider_bad_request",
    "context_length_exceeded",
    "provider_rate_limited",
    "provider_unavailable",
    "provider_timeout",
    "provider_truncated",
    "provider_bad_response",
]

RETRYABLE: frozenset[ProviderErrorCode] = frozenset(
    {
        "provider_rate_limited",
        "provider_unavailable",
        "provider_timeout",
        "provider_truncated",
        "provider_bad_response",
    }
)

DETAIL_CHARS_MAX = 500


class ProviderError(Exception):
    """The provider did not give a whole answer.

    `detail` is the provider's own words, trimmed: for logs and staff, never for users. `status`
    is the HTTP status if one was received, `retry_after_s` what the provider asked us to wait.
    """

    def __init__(
        self,
        code: ProviderErrorCode,
        detail: str = "",
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        retryable: bool | None = None,
    ) -> None:
        self.code: ProviderErrorCode = code
        self.detail = detail.strip().replace("\0", "\ufffd")[:DETAIL_CHARS_MAX]
        self.status = status
        self.retry_after_s = retry_after_s
        self.retryable = code in RETRYABLE if retryable is None else retryable
        super().__init__(self._message())

    def conceal(self, secrets: Iterable[str]) -> None:
        """Take `secrets` out of the words: a provider may quote what it was sent.

        What was raised `from None` is forgotten, not only hidden: it holds the same words.
        """
        if self.__suppress_context__ and self.__cause__ is None:
            self.__context__ = None
        self.detail = without(self.detail, secrets)
        self.args = (self._message(),)

    def _message(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code
