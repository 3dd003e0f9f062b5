"""From a provider's error, in whatever shape it comes, to a `ProviderError`."""

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from chat.evolution.errors import ProviderError, ProviderErrorCode

# The words of OpenAI, vLLM, llama.cpp (`exceed_context_size_error`) and TGI for the same thing.
_CONTEXT_LENGTH = re.compile(
    r"context[_ -]?(length|window|size)|max_model_len|maximum (input|sequence) length"
    r"|prompt is too long|input is too long|too many (input )?tokens|reduce the length",
    re.IGNORECASE,
)
_CODE_BY_STATUS: dict[int, ProviderErrorCode] = {
    401: "provider_auth",
    402: "provider_forbidden",
    403: "provider_forbidden",
    404: "provider_model_not_found",
    408: "provider_timeout",
    409: "provider_unavailable",
    429: "provider_rate_limited",
}
_STATUS_BY_WORD = {
    "authentication": 401,
    "forbidden": 403,
    "insufficient_quota": 429,
    "invalid_api_key": 401,
    "invalid_request": 400,
    "not_found": 404,
    "overloaded": 503,
    "permission": 403,
    "rate_limit": 429,
    "too_many_requests": 429,
    "unauthorized": 401,
}
_SPENT_QUOTA = "insufficient_quota"


class _Said(msgspec.Struct, frozen=True):
    """The parts of an error body that were found: its words, and its code or type."""

    message: str
    words: str
    status: int | None = None


def from_status(status: int, body: str, headers: Mapping[str, str]) -> ProviderError:
    """Return the error of an HTTP response that is not a success."""
    said = _said(_json(body), body)
    error = _error(status, said)
    error.retry_after_s = retry_after_s(headers)
    return error


def from_event(error: Any) -> ProviderError:
    """Return the error that was the `error` of a chunk, or of a body with status 200."""
    said = _said({"error": error}, str(error))
    return _error(said.status or _status_by_words(said.words) or 500, said, in_stream=True)


def from_stray_text(text: str) -> ProviderError:
    """Return the error for a response that is no event stream: JSON, HTML or anything else."""
    body = _json(text)
    if isinstance(body, dict) and (body.get("error") or body.get("object") == "error"):
        return from_event(body.get("error") or body)
    return ProviderError("provider_bad_response", text)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that Retry-After asks for: a number or an HTTP date, never negative."""
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        return _seconds_until(value)


def _seconds_until(date: str) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - time.time())
    except ValueError:
        return None


def _error(status: int, said: _Said, *, in_stream: bool = False) -> ProviderError:
    code = _code(status, said)
    retryable = False if _SPENT_QUOTA in said.words else None
    return ProviderError(
        code, said.message, status=None if in_stream else status, retryable=retryable
    )


def _code(status: int, said: _Said) -> ProviderErrorCode:
    if status in (400, 413, 422, 500) and _CONTEXT_LENGTH.search(f"{said.words} {said.message}"):
        return "context_length_exceeded"
    if code := _CODE_BY_STATUS.get(status):
        return code
    if status >= 500:
        return "provider_unavailable"
    return "provider_bad_request" if status >= 400 else "provider_bad_response"


def _said(body: Any, text: str) -> _Said:
    """Find the words in `{"error": {…}}`, a flat error, `{"detail": …}` or plain text."""
    if not isinstance(body, dict):
        return _Said(text, "")
    error = body.get("error") or body
    if not isinstance(error, dict):
        return _Said(str(error), "")
    message = error.get("message") or error.get("detail") or error.get("msg") or text
    words = f"{error.get('code')} {error.get('type')}"
    return _Said(str(message), words.lower(), _as_status(error.get("code")))


def _as_status(code: Any) -> int | None:
    """Return an error's `code` if it looks like an HTTP status: 429 or "429"."""
    try:
        number = int(code)
    except (TypeError, ValueError):
        return None
    return number if 400 <= number < 600 else None


def _status_by_words(words: str) -> int | None:
    return next((status for word, status in _STATUS_BY_WORD.items() if word in words), None)


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
