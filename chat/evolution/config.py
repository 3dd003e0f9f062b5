"""How to reach the provider, and how long to wait for it."""

from dataclasses import dataclass, field

from chat.evolution.redaction import without

TOKEN_URL = "https://iam.api.cloud.ru/api/v1/auth/token"  # noqa: S105 - a URL


@dataclass(frozen=True)
class ProviderConfig:
    """The address, the credentials and the patience of one provider.

    Credentials are an `api_key`, or `key_id` with `secret` (exchanged for a token at
    `token_url`), or none. `connect_timeout_s` is for a connection, TLS included,
    `first_chunk_timeout_s` runs from the request to the first delta, `idle_timeout_s` between
    deltas, `total_timeout_s` from the call to the end, retries included. `max_retries` are
    attempts after the first one, with full jitter under `retry_base_s` doubled each time, up to
    `retry_cap_s`.

    Raises ValueError for half a key pair or for two kinds of credentials.
    """

    base_url: str
    api_key: str | None = field(default=None, repr=False)
    key_id: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    token_url: str = TOKEN_URL
    connect_timeout_s: float = 10
    first_chunk_timeout_s: float = 90
    idle_timeout_s: float = 30
    total_timeout_s: float = 600
    max_retries: int = 3
    retry_base_s: float = 0.5
    retry_cap_s: float = 8

    def __post_init__(self) -> None:
        if bool(self.key_id) != bool(self.secret):
            raise ValueError("key_id and secret belong together")
        if self.api_key and self.key_id:
            raise ValueError("give an api_key, or key_id and secret, not both")

    def redact(self, text: str) -> str:
        """Return `text` without the secrets, for logs: providers quote what they were sent."""
        return without(text, self.secrets)

    @property
    def secrets(self) -> list[str]:
        """The credentials that are set."""
        return [secret for secret in (self.api_key, self.secret, self.key_id) if secret]
