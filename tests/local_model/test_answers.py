"""The rows of the scripted provider that a real server can be held to."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import psutil

from chat.evolution import Delta, Provider, ProviderConfig, StreamItem
from local_model.demo import DemoModel
from local_model.server import SLOTS
from tests.evolution.asking import collect
from tests.local_model.model import ask, busy_slots, needs_the_model, request
from tests.support.waiting import eventually

pytestmark = needs_the_model

Stream = AsyncGenerator[StreamItem, None]

STORY = "Tell me a story about the sea."


async def test_it_streams_until_the_limit_of_tokens(local: DemoModel, provider: Provider) -> None:
    answer = await ask(provider, local, STORY, max_tokens=12)
    assert len(answer.deltas) > 3
    assert answer.finish == "length"
    assert answer.usage is not None
    assert answer.usage.output_tokens == 12


async def test_it_ends_at_a_stop_sequence(local: DemoModel, provider: Provider) -> None:
    whole = await ask(provider, local, STORY, max_tokens=12)
    stop = whole.content.split()[3]
    answer = await ask(provider, local, STORY, max_tokens=12, stop=["never said", stop])
    assert answer.finish == "stop"
    assert stop not in answer.content
    assert whole.content.startswith(answer.content)


async def test_too_long_a_conversation_has_its_code(local: DemoModel, provider: Provider) -> None:
    answer = await ask(provider, local, "word " * 20_000)
    assert (answer.code, answer.retries) == ("context_length_exceeded", [])


async def test_it_gives_a_short_answer_at_once(local: DemoModel, provider: Provider) -> None:
    asked = request(local, "Name a colour.", max_tokens=8, temperature=0)
    assert await provider.complete(asked)


async def test_it_continues_behind_the_text_so_far(local: DemoModel, provider: Provider) -> None:
    so_far = "Once upon a time, there was a small b"
    rest = await ask(provider, local, STORY, max_tokens=12, partial=so_far)
    assert rest.finish == "length"
    assert rest.content
    # The word goes on where it was cut, and nothing is said twice.
    assert rest.content[0].isalpha()
    assert "Once upon" not in rest.content


@asynccontextmanager
async def every_slot_taken(local: DemoModel, provider: Provider) -> AsyncIterator[list[Stream]]:
    """Occupy all slots with answers that would take a minute, and give their streams."""
    streams = [provider.stream(request(local, "Count to a thousand.")) for _ in range(SLOTS)]
    await asyncio.gather(*(anext(stream) for stream in streams))
    yield streams
    for stream in streams:
        await stream.aclose()


async def test_leaving_frees_the_slots(local: DemoModel, provider: Provider) -> None:
    async with every_slot_taken(local, provider):
        assert await busy_slots(local) == SLOTS

    async def is_idle() -> bool:
        return await busy_slots(local) == 0

    await eventually(is_idle, "every slot is free", seconds=5)


async def test_a_request_that_waits_for_a_slot_gets_no_byte_and_times_out(
    local: DemoModel, provider: Provider
) -> None:
    hurried = Provider(ProviderConfig(local.base_url, first_chunk_timeout_s=1, max_retries=0))
    async with every_slot_taken(local, provider):
        answer = await ask(hurried, local, "Hello", max_tokens=2)
    assert (answer.items, answer.code) == ([], "provider_timeout")
    assert answer.error is not None
    assert answer.error.detail == "no first word within 1 s"
    await hurried.aclose()


async def test_a_cancel_while_waiting_for_a_slot_frees_the_place(
    local: DemoModel, provider: Provider
) -> None:
    async with every_slot_taken(local, provider) as taken:
        long = asyncio.create_task(ask(provider, local, "Write a very long story."))
        await eventually(lambda: connections(local) == SLOTS + 1, "it waits in the queue")
        long.cancel()
        await asyncio.wait([long])
        short = provider.stream(request(local, "Hello", max_tokens=8, temperature=0))
        await taken[0].aclose()
        # Behind the long story it would wait for a minute.
        async with asyncio.timeout(20):
            answer = await collect(short)
    assert isinstance(answer.items[0], Delta)
    assert answer.finish == "length"


def connections(local: DemoModel) -> int:
    """Return how many connections this process has to the model."""
    port = urlsplit(local.base_url).port
    mine = psutil.Process().net_connections("tcp")
    return sum(bool(c.raddr) and c.raddr.port == port for c in mine)
