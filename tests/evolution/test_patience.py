"""Each time-out has its own limit, its own words, and nothing else counts for it."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from chat.evolution import Provider, ProviderConfig
from scripted_evolution import ScriptedEvolution
from tests.evolution.asking import Answer, ask, provider_of, words

LONG_S = 30.0


@pytest.fixture
def silent() -> Iterator[str]:
    """Give the address of a host that takes connections and never says a word of TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"https://127.0.0.1:{listening.getsockname()[1]}/v1"


async def ask_once(server: ScriptedEvolution, directive: str, **settings: float) -> Answer:
    limits = {"first_chunk_timeout_s": LONG_S, "idle_timeout_s": LONG_S, "max_retries": 0}
    provider = provider_of(server, **{**limits, **settings})
    answer = await ask(provider, directive)
    await provider.aclose()
    return answer


@pytest.mark.parametrize(
    ("directive", "limit", "text", "words_of_it"),
    [
        ("fault=never", "first_chunk_timeout_s", "", "no first word within 0.5 s"),
        ("fault=comments at=0", "first_chunk_timeout_s", "", "no first word within 0.5 s"),
        ("first=30", "first_chunk_timeout_s", "", "no first word within 0.5 s"),
        ("hold=2 rate=0", "idle_timeout_s", words(2), "no word for 0.5 s"),
        ("fault=comments at=2 rate=0", "idle_timeout_s", words(2), "no word for 0.5 s"),
        ("fault=never", "total_timeout_s", "", "not done within 0.5 s"),
        ("hold=2 rate=0", "total_timeout_s", words(2), "not done within 0.5 s"),
    ],
)
async def test_a_time_out_says_which_one_it_was(
    server: ScriptedEvolution, directive: str, limit: str, text: str, words_of_it: str
) -> None:
    answer = await ask_once(server, directive, **{limit: 0.5})
    assert (answer.content, answer.code) == (text, "provider_timeout")
    assert answer.error is not None
    assert answer.error.detail == words_of_it
    await server.wait_for(lambda record: record.closed_by_client, timeout_s=5)


async def test_a_connection_that_takes_too_long_says_so(silent: str) -> None:
    provider = Provider(ProviderConfig(silent, connect_timeout_s=0.2, max_retries=0))
    answer = await ask(provider, "")
    assert answer.error is not None
    assert answer.error.code == "provider_unavailable"
    assert answer.error.detail == "no connection within 0.2 s"
    await provider.aclose()


async def test_words_that_never_end_are_cut_by_the_total_time(server: ScriptedEvolution) -> None:
    answer = await ask_once(server, "fault=endless rate=100", total_timeout_s=0.5)
    assert answer.error is not None
    assert answer.error.detail == "not done within 0.5 s"
    assert answer.content.startswith(words(5))


async def test_the_total_time_goes_on_while_the_caller_takes_its_time(
    server: ScriptedEvolution,
) -> None:
    provider = provider_of(server, total_timeout_s=0.4, idle_timeout_s=0.2)

    async def window() -> None:
        """Let so much arrive that the next read waits for nothing."""
        await asyncio.sleep(0.3)

    answer = await ask(provider, "fault=endless rate=0", ready=window)
    assert answer.error is not None
    assert answer.error.detail == "not done within 0.4 s"
    await provider.aclose()


async def test_the_total_time_leaves_no_room_for_a_long_pause(server: ScriptedEvolution) -> None:
    provider = provider_of(server, total_timeout_s=5)
    answer = await ask(provider, "status=429 retry_after=7 times=1")
    assert (answer.code, answer.retries) == ("provider_rate_limited", [])
    await provider.aclose()


@pytest.fixture
async def hurried(server: ScriptedEvolution) -> AsyncIterator[Provider]:
    made = provider_of(server, total_timeout_s=0.5, first_chunk_timeout_s=0.2, max_retries=1000)
    yield made
    await made.aclose()


async def test_retries_end_with_the_total_time(hurried: Provider) -> None:
    since = time.monotonic()
    answer = await ask(hurried, "fault=never")
    assert answer.code == "provider_timeout"
    assert time.monotonic() - since < 5
    assert len(answer.retries) < 5
