"""A key pair, exchanged for tokens that are refreshed in time."""

import asyncio
import logging
from collections.abc import AsyncIterator

import httpx2
import pytest

from chat.evolution import Provider, ProviderConfig, ProviderError
from chat.evolution.token import TokenSource
from chat.evolution.transport import AiohttpTransport
from scripted_evolution import ScriptedEvolution
from tests.evolution.asking import ask, provider_of, words


class Clock:
    """A clock that stands still until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def tokens(server: ScriptedEvolution, clock: Clock) -> AsyncIterator[TokenSource]:
    config = ProviderConfig("http://x", key_id="id", secret="hush", token_url=server.token_url)
    http = httpx2.AsyncClient(transport=AiohttpTransport(connect_timeout_s=5))
    source = TokenSource(config, http, clock)
    yield source
    await source.aclose()
    await http.aclose()


async def test_however_many_ask_there_is_one_exchange(
    server: ScriptedEvolution, tokens: TokenSource
) -> None:
    given = await asyncio.gather(*(tokens.current() for _ in range(20)))
    assert (set(given), server.tokens.issued) == ({"iam-1"}, 1)


@pytest.mark.parametrize(("life_s", "early_s"), [(3600, 720), (60, 30)])
async def test_a_token_is_refreshed_early_and_nobody_waits(
    server: ScriptedEvolution, tokens: TokenSource, clock: Clock, life_s: float, early_s: float
) -> None:
    server.tokens.lifetime_s = life_s
    await tokens.current()
    clock.now += life_s - early_s - 1
    assert await tokens.current() == "iam-1"
    assert server.tokens.issued == 1
    clock.now += 2
    assert await tokens.current() == "iam-1"
    await server.wait_for(lambda record: record.id == 2 and record.ended_at is not None)
    clock.now += early_s
    assert await tokens.current() == "iam-2"


async def test_the_old_token_serves_while_refreshing_fails(
    server: ScriptedEvolution, tokens: TokenSource, clock: Clock
) -> None:
    await tokens.current()
    server.tokens.fail_with = 503
    clock.now += 3599
    assert await tokens.current() == "iam-1"
    clock.now += 2
    with pytest.raises(ProviderError, match="provider_unavailable"):
        await tokens.current()


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "provider_auth"), (400, "provider_auth"), (500, "provider_unavailable")],
)
async def test_a_failed_exchange_has_its_code(
    server: ScriptedEvolution, tokens: TokenSource, status: int, code: str
) -> None:
    server.tokens.fail_with = status
    with pytest.raises(ProviderError) as caught:
        await tokens.current()
    assert caught.value.code == code


async def test_the_next_request_exchanges_again_after_a_failure(
    server: ScriptedEvolution, tokens: TokenSource
) -> None:
    server.tokens.fail_with = 500
    with pytest.raises(ProviderError):
        await tokens.current()
    server.tokens.fail_with = None
    assert await tokens.current() == "iam-1"


async def test_a_cancelled_asker_does_not_take_the_exchange_with_it(tokens: TokenSource) -> None:
    first = asyncio.create_task(tokens.current())
    second = asyncio.create_task(tokens.current())
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "iam-1"


@pytest.fixture
async def provider(server: ScriptedEvolution) -> AsyncIterator[Provider]:
    made = provider_of(server, key_id="id", secret="hush")
    yield made
    await made.aclose()


async def test_the_model_is_asked_with_a_token(
    server: ScriptedEvolution, provider: Provider
) -> None:
    assert (await ask(provider, "chunks=2 rate=0")).content == words(2)
    assert server.requests[-1].authorization_kind == "iam"


async def test_a_revoked_token_is_renewed_without_anybody_noticing(
    server: ScriptedEvolution, provider: Provider
) -> None:
    await ask(provider, "chunks=1 rate=0")
    server.tokens.revoke()
    answer = await ask(provider, "chunks=2 rate=0")
    assert (answer.content, answer.retries) == (words(2), [])
    server.tokens.revoke()
    assert len(await provider.models()) == 2


async def test_a_refusal_that_stays_is_reported_after_one_renewal(
    server: ScriptedEvolution, provider: Provider
) -> None:
    answer = await ask(provider, "status=403")
    assert answer.code == "provider_forbidden"
    assert server.tokens.issued == 2


async def test_no_secret_is_in_a_log_an_error_or_a_repr(
    server: ScriptedEvolution, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.tokens.fail_with = 401
    failed = await ask(provider, "chunks=1")
    server.tokens.fail_with = None
    await ask(provider, "chunks=1 rate=0")
    seen = f"{caplog.text} {failed.error!r} {failed.error} {vars(provider)}"
    assert "hush" not in seen
    assert "iam-1" not in seen
