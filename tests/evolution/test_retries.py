"""What is tried again, when, and how it is announced."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from chat.evolution import Provider, ProviderConfig, ProviderError, Retrying
from chat.evolution.retries import Pause, Retries, full_jitter
from scripted_evolution import ScriptedEvolution
from tests.evolution.asking import ask, words


def highest(ceiling_s: float) -> float:
    return ceiling_s


def retries(**settings: float) -> Retries:
    config = ProviderConfig("http://x", **settings)  # type: ignore[arg-type]
    return Retries(config, highest, renewable=False)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
async def test_a_passing_failure_is_tried_again(provider: Provider, status: int) -> None:
    answer = await ask(provider, f"status={status} times=2 chunks=3 rate=0")
    assert answer.content == words(3)
    assert [retry.attempt for retry in answer.retries] == [1, 2]
    assert [retry.delay_ms for retry in answer.retries] == [500, 1000]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_a_lasting_failure_is_not_tried_again(
    server: ScriptedEvolution, provider: Provider, status: int
) -> None:
    answer = await ask(provider, f"status={status}")
    assert answer.retries == []
    assert len(server.requests) == 1
    assert answer.error is not None
    assert not answer.error.retryable


async def test_the_retries_end(server: ScriptedEvolution, provider: Provider) -> None:
    answer = await ask(provider, "status=503")
    assert answer.code == "provider_unavailable"
    assert len(server.requests) == 4


async def test_retry_after_is_waited_for(provider: Provider) -> None:
    answer = await ask(provider, "status=429 retry_after=7 times=1 chunks=1 rate=0")
    assert answer.retries == [Retrying(1, 7000, "provider_rate_limited")]
    assert answer.finish == "stop"


async def test_a_retry_after_that_is_too_long_is_told_to_the_caller(provider: Provider) -> None:
    answer = await ask(provider, "status=429 retry_after=600 times=1")
    assert answer.error is not None
    assert (answer.error.retry_after_s, answer.retries) == (600, [])


def test_the_pauses_double_up_to_the_cap() -> None:
    plan = retries(max_retries=6, retry_base_s=0.5, retry_cap_s=3)
    error = ProviderError("provider_unavailable")
    pauses = [plan.after(error) for _ in range(7)]
    assert [pause.delay_s for pause in pauses if pause] == [0.5, 1, 2, 3, 3, 3]
    assert pauses[-1] is None


def test_the_jitter_is_full() -> None:
    delays = [full_jitter(8) for _ in range(1000)]
    assert 0 <= min(delays) < 1
    assert 7 < max(delays) <= 8


def test_a_refused_token_is_renewed_once() -> None:
    plan = Retries(ProviderConfig("http://x"), highest, renewable=True)
    error = ProviderError("provider_auth", status=401)
    assert plan.after(error) == Pause(renews_token=True)
    assert plan.after(error) is None


async def test_a_cancel_while_waiting_ends_the_stream(server: ScriptedEvolution) -> None:
    waiting = asyncio.Event()

    async def wait_for_ever(seconds: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    provider = Provider(ProviderConfig(server.base_url), sleep=wait_for_ever)
    task = asyncio.create_task(ask(provider, "status=503"))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(server.requests) == 1
    await provider.aclose()


@asynccontextmanager
async def closing_silently() -> AsyncIterator[tuple[str, list[bytes]]]:
    """Serve one answer on each connection, announce keep-alive, then hang up on the next request."""
    requests: list[bytes] = []
    body = (
        b'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    )
    head = f"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: {len(body)}\r\n\r\n"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client that closes first is none of this server's business.
        with suppress(asyncio.IncompleteReadError):
            requests.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(head.encode() + body)
            # The next request on this connection gets no answer.
            await reader.readuntil(b"\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1")
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", requests
    finally:
        server.close()


async def test_a_stale_connection_is_replaced_at_once() -> None:
    async with closing_silently() as (url, requests):
        provider = Provider(ProviderConfig(url, max_retries=0))
        answers = [await ask(provider, "") for _ in range(4)]
        assert [(answer.content, answer.retries) for answer in answers] == [("x", [])] * 4
        assert len(requests) == 4
        await provider.aclose()
