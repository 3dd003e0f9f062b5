"""HTTP errors in every shape, and what they are called."""

import pytest

from chat.evolution import Provider, ProviderConfig, ProviderError
from chat.evolution.mapping import from_status, retry_after_s
from scripted_evolution import ScriptedEvolution
from tests.evolution.asking import ask, provider_of
from tests.evolution.raw import raw_server

CODES = {
    400: "provider_bad_request",
    401: "provider_auth",
    402: "provider_forbidden",
    403: "provider_forbidden",
    404: "provider_model_not_found",
    408: "provider_timeout",
    409: "provider_unavailable",
    422: "provider_bad_request",
    429: "provider_rate_limited",
    500: "provider_unavailable",
    502: "provider_unavailable",
    503: "provider_unavailable",
}


@pytest.mark.parametrize("shape", ["openai", "flat", "detail", "text", "html"])
@pytest.mark.parametrize("status", CODES)
async def test_a_status_has_its_code_whatever_the_body(
    provider: Provider, status: int, shape: str
) -> None:
    answer = await ask(provider, f"status={status} shape={shape}")
    assert answer.code == CODES[status]
    assert answer.error is not None
    assert answer.error.status == status
    expected = "502 Bad Gateway" if shape == "html" else f"scripted error {status}"
    assert expected in answer.error.detail


@pytest.mark.parametrize(
    "body",
    [
        '{"error": {"code": "context_length_exceeded", "message": "no"}}',
        '{"error": {"code": 400, "type": "exceed_context_size_error", "message": "no"}}',
        '{"object": "error", "message": "maximum context length is 8192 tokens", "code": 400}',
        '{"detail": "Prompt is too long"}',
        "please reduce the length of the messages",
    ],
)
def test_too_long_a_conversation_is_recognised(body: str) -> None:
    assert from_status(400, body, {}).code == "context_length_exceeded"


def test_a_spent_quota_is_not_worth_another_try() -> None:
    body = '{"error": {"code": "insufficient_quota", "message": "pay"}}'
    error = from_status(429, body, {})
    assert (error.code, error.retryable) == ("provider_rate_limited", False)


@pytest.mark.parametrize(
    "body", ["", "null", "[]", '"x"', '{"error": null}', '{"error": []}', "\udcff", "[" * 99_999]
)
def test_an_odd_body_is_still_an_error(body: str) -> None:
    assert from_status(500, body, {}).code == "provider_unavailable"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("2", 2.0), ("0.5", 0.5), ("-1", 0.0), ("soon", None), ("Mon, 01 Jan 2001 00:00:00 GMT", 0.0)],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": value}) == seconds


def test_detail_is_trimmed() -> None:
    assert len(ProviderError("provider_unavailable", "x" * 10_000).detail) == 500


async def test_of_an_error_without_end_only_the_beginning_is_read() -> None:
    head = b"HTTP/1.1 500 No\r\nContent-Length: 1000000000000\r\n\r\n"
    async with raw_server(b"x" * 1_000_000, head=head) as url:
        provider = Provider(ProviderConfig(url, max_retries=0))
        answer = await ask(provider, "")
        await provider.aclose()
    assert (answer.code, answer.error and answer.error.detail[:3]) == (
        "provider_unavailable",
        "xxx",
    )


async def test_a_server_that_is_not_there_is_unavailable(server: ScriptedEvolution) -> None:
    provider = provider_of(server)
    await server.stop()
    answer = await ask(provider, "chunks=1")
    assert answer.code == "provider_unavailable"
    assert "no connection: Cannot connect" in str(answer.error)
    with pytest.raises(ProviderError, match="provider_unavailable"):
        await provider.models()
    await provider.aclose()


async def test_a_wrong_key_is_named_so_and_not_shown(server: ScriptedEvolution) -> None:
    provider = provider_of(server, api_key="bad-key")
    answer = await ask(provider, "chunks=1")
    assert answer.code == "provider_auth"
    assert answer.retries == []
    assert "bad-key" not in f"{answer.error!r} {answer.error}"
    await provider.aclose()


@pytest.mark.parametrize(("key", "kind"), [("right-key", "api_key"), (None, "none")])
async def test_the_key_is_sent_if_there_is_one(
    server: ScriptedEvolution, key: str | None, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "of-somebody-else")
    provider = provider_of(server, api_key=key)
    await ask(provider, "chunks=1 rate=0")
    await provider.models()
    assert [record.authorization_kind for record in server.requests] == [kind, kind]
    await provider.aclose()


def test_a_configuration_does_not_show_its_secrets() -> None:
    config = ProviderConfig("http://x", key_id="the-id", secret="the-secret")
    assert "the-" not in repr(config)
    assert "the-key" not in repr(ProviderConfig("http://x", api_key="the-key"))


@pytest.mark.parametrize(("key_id", "secret"), [("a", None), (None, "b")])
def test_half_a_key_pair_is_refused(key_id: str | None, secret: str | None) -> None:
    with pytest.raises(ValueError, match="belong together"):
        ProviderConfig("http://x", key_id=key_id, secret=secret)
