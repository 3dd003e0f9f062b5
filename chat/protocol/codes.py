"""Why a command is refused, an answer fails, a socket is closed."""

from typing import Literal

ErrorCode = Literal[
    "bad_frame",
    "unknown_command",
    "invalid",
    "conflict",
    "not_found",
    "too_long",
    "rate_limited",
    "too_many_generations",
    "quota_exceeded",
    "unavailable",
]
# Which of a person's own limits `quota_exceeded` is about.
Quota = Literal["paused", "prompts_per_day", "tokens_per_day"]
FailureCode = Literal[
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
    "internal",
]


class CloseCode:
    """Why the server closed a socket."""

    TOO_BIG = 1009
    RESTARTING = 1012
    SESSION_ENDED = 4401
    TOO_SLOW = 4408
    FLOOD = 4429


class CommandError(Exception):
    """A command that cannot be done. Nothing was stored; `code` says whether to try again."""

    def __init__(
        self,
        code: ErrorCode,
        detail: str,
        *,
        field: str | None = None,
        retry_after_ms: int | None = None,
        command_id: str | None = None,
        quota: Quota | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code: ErrorCode = code
        self.detail = detail
        self.field = field
        self.retry_after_ms = retry_after_ms
        self.command_id = command_id
        self.quota: Quota | None = quota
        self.reason = reason
