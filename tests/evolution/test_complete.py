"""A short answer at once, as for a title."""

import asyncio

import pytest

from chat.evolution import ChatRequest, Provider, ProviderConfig, ProviderError
from scripted_evolution import ScriptedEvolution
from tests.evolution.asking import MODEL, provider_of, question
from tests.evolution.raw import raw_server

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("directive", ["chunks=3", "chunks=3 reasoning=4", "chunks=3 think=1"])
async def test_the_text_comes_without_reasoning_and_outer_space(
    provider: Provider, directive: str
) -> None:
    assert await provider.complete(question(directive)) == "w0001 w0002 w0003"


async def test_the_request_is_short_and_not_streamed(
    server: ScriptedEvolution, provider: Provider
) -> None:
    request = question("chunks=9", temperature=0.2, max_tokens=2, stop=["\n"])
    assert await provider.complete(request) == "w0001 w0002"
    (record,) = server.requests
    assert record.body == {
        "model": MODEL,
        "messages": request.messages,
        "temperature": 0.2,
        "max_tokens": 2,
        "stop": ["\n"],
    }


async def test_an_answer_that_is_all_reasoning_is_empty(provider: Provider) -> None:
    assert await provider.complete(question("reasoning=9", max_tokens=3)) == ""


@pytest.mark.parametrize(
    ("directive", "code"),
    [
        ("status=400", "provider_bad_request"),
        ("status=403", "provider_forbidden"),
        ("status=429 retry_after=1 times=1", "provider_rate_limited"),
        ("status=503 times=1", "provider_unavailable"),
        ("fault=json_200", "provider_unavailable"),
        ("fault=html_200", "provider_bad_response"),
    ],
)
async def test_a_failure_has_its_code_and_is_not_waited_out(
    server: ScriptedEvolution, provider: Provider, directive: str, code: str
) -> None:
    with pytest.raises(ProviderError) as caught:
        await provider.complete(question(directive))
    assert caught.value.code == code
    assert len(server.requests) == 1


async def test_it_has_a_time_out_of_its_own(server: ScriptedEvolution, provider: Provider) -> None:
    with pytest.raises(ProviderError) as caught:
        await provider.complete(question("fault=never"), timeout_s=0.2)
    assert str(caught.value) == "provider_timeout: no answer within 0.2 s"
    await server.wait_for(lambda record: record.closed_by_client, timeout_s=5)


async def test_a_cancel_closes_the_connection(
    server: ScriptedEvolution, provider: Provider
) -> None:
    task = asyncio.create_task(provider.complete(question("fault=never")))
    await server.wait_for(lambda record: record.started_at > 0)
    task.cancel()
    await server.wait_for(lambda record: record.closed_by_client, timeout_s=5)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_stale_token_is_renewed(server: ScriptedEvolution) -> None:
    provider = provider_of(server, key_id="id", secret="hush")
    await provider.complete(question("chunks=1"))
    server.tokens.revoke()
    assert await provider.complete(question("chunks=1")) == "w0001"
    await provider.aclose()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('{"choices": []}', ""),
        ('{"choices": [{"message": {"content": null}}]}', ""),
        ('{"choices": [{"message": {"role": "assistant"}}]}', ""),
        (r'{"choices": [{"message": {"content": " a\ud83d\u0000b "}}]}', "a\ufffd\ufffdb"),
        ('{"choices": null}', None),
        ('{"choices": [{"text": "old"}]}', None),
        ("[]", None),
        ("", None),
        ("[" * 100_000, None),
    ],
)
async def test_an_odd_answer_is_a_text_or_an_error(body: str, text: str | None) -> None:
    async with raw_server(body.encode(), head=HEAD) as url:
        provider = Provider(ProviderConfig(url))
        if text is None:
            with pytest.raises(ProviderError, match="provider_bad_response"):
                await provider.complete(ChatRequest("any", []))
        else:
            assert await provider.complete(ChatRequest("any", [])) == text
        await provider.aclose()
