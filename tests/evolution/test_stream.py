"""An answer as it comes: text, reasoning, numbers, the end."""

import asyncio
import time

import pytest

from chat.evolution import ChatRequest, Delta, Provider, Usage
from scripted_evolution import ScriptedEvolution
from tests.evolution.asking import MODEL, ask, collect, provider_of, question, words


async def test_an_answer_is_its_words_then_usage_then_finish(provider: Provider) -> None:
    answer = await ask(provider, "chunks=200 rate=0")
    assert answer.content == words(200)
    assert sum(delta.chunks for delta in answer.deltas) == 200
    assert [type(item).__name__ for item in answer.items[-2:]] == ["Usage", "Finish"]
    assert answer.usage is not None
    assert answer.usage.output_tokens == 200
    assert answer.finish == "stop"


async def test_of_usage_in_every_chunk_the_last_counts(provider: Provider) -> None:
    answer = await ask(provider, "chunks=7 rate=0 usage_each=1")
    assert [item for item in answer.items if isinstance(item, Usage)] == [answer.usage]
    assert answer.usage is not None
    assert answer.usage.output_tokens == 7


async def test_usage_seen_before_a_break_is_kept(provider: Provider) -> None:
    answer = await ask(provider, "chunks=7 rate=0 usage_each=1 fault=eof at=3")
    assert answer.code == "provider_truncated"
    assert answer.usage is not None
    assert answer.usage.output_tokens == 3


async def test_without_usage_the_answer_still_finishes(provider: Provider) -> None:
    answer = await ask(provider, "chunks=2 rate=0 usage=0")
    assert (answer.usage, answer.finish) == (None, "stop")


@pytest.mark.parametrize("directive", ["reasoning=3", "think=1 reasoning=3"])
async def test_reasoning_is_told_from_content(provider: Provider, directive: str) -> None:
    answer = await ask(provider, f"chunks=3 rate=0 {directive}")
    assert answer.reasoning == "r0001 r0002 r0003 "
    assert answer.content == words(3)


async def test_chunks_can_be_the_times_they_are_sent_at(provider: Provider) -> None:
    before_us = time.time_ns() // 1000
    answer = await ask(provider, "chunks=3 rate=100 text=time")
    sent_us = [int(word) for word in answer.content.split()]
    after_us = time.time_ns() // 1000
    assert len(sent_us) == 3
    assert before_us < sent_us[0] < sent_us[1] < sent_us[2] < after_us
    assert sent_us[2] - sent_us[0] >= 15_000


async def test_the_limit_of_tokens_finishes_by_length(provider: Provider) -> None:
    answer = await ask(provider, "chunks=9 rate=0", max_tokens=4)
    assert (answer.content, answer.finish) == (words(4), "length")


async def test_a_stop_sequence_finishes_by_stop(provider: Provider) -> None:
    answer = await ask(provider, "chunks=9 rate=0", stop=["w0004"])
    assert (answer.content, answer.finish) == (words(3), "stop")


async def test_the_request_carries_its_parameters_and_no_others(
    server: ScriptedEvolution, provider: Provider
) -> None:
    await ask(provider, "chunks=1 rate=0", temperature=0.5, top_p=0.9, max_tokens=7, stop=["x"])
    await ask(provider, "chunks=1 rate=0")
    full, bare = (record.body for record in server.requests)
    assert full["model"] == MODEL
    assert full["stream_options"] == {"include_usage": True}
    assert (full["temperature"], full["top_p"]) == (0.5, 0.9)
    assert (full["max_tokens"], full["stop"]) == (7, ["x"])
    assert set(bare) == {"model", "messages", "stream", "stream_options"}


async def test_the_first_delta_does_not_wait_for_the_second(
    server: ScriptedEvolution, provider: Provider
) -> None:
    stream = provider.stream(question("chunks=2 rate=0 hold=1"))
    first = await anext(stream)
    assert first == Delta("content", "w0001 ", 1)
    await server.release()
    assert (await collect(stream)).content == "w0002 "


async def test_many_streams_run_at_once(server: ScriptedEvolution) -> None:
    # On a busy machine fifty at once may take longer than the short limits of the other tests.
    provider = provider_of(server, first_chunk_timeout_s=30.0, idle_timeout_s=30.0)
    answers = await asyncio.gather(*(ask(provider, "chunks=20 rate=200") for _ in range(50)))
    await provider.aclose()
    assert {answer.content for answer in answers} == {words(20)}


async def test_the_models_keep_the_slashes_of_their_ids(provider: Provider) -> None:
    models = await provider.models()
    assert [model.id for model in models] == ["scripted/echo-1", "scripted/echo-2"]
    assert models[0].context_length == 32_768


async def test_an_unknown_model_has_its_own_code(provider: Provider) -> None:
    answer = await collect(provider.stream(ChatRequest("no/such", [])))
    assert answer.code == "provider_model_not_found"


async def test_a_cancelled_consumer_closes_the_connection_at_once(
    server: ScriptedEvolution, provider: Provider
) -> None:
    consumer = asyncio.create_task(ask(provider, "fault=endless rate=100"))
    await server.wait_for(lambda record: record.chunks_sent > 2)
    consumer.cancel()
    await server.wait_for(lambda record: record.closed_by_client, timeout_s=1)
    with pytest.raises(asyncio.CancelledError):
        await consumer


@pytest.mark.parametrize("directive", ["hold=0", "fault=never"])
async def test_a_cancel_before_the_first_delta_closes_the_connection(
    server: ScriptedEvolution, directive: str
) -> None:
    provider = provider_of(server, first_chunk_timeout_s=30)
    consumer = asyncio.create_task(ask(provider, directive))
    await server.wait_for(lambda record: record.started_at > 0)
    consumer.cancel()
    await server.wait_for(lambda record: record.closed_by_client, timeout_s=1)
    await provider.aclose()


async def test_closing_the_generator_closes_the_connection(
    server: ScriptedEvolution, provider: Provider
) -> None:
    stream = provider.stream(question("fault=endless rate=100"))
    await anext(stream)
    await stream.aclose()
    await server.wait_for(lambda record: record.closed_by_client, timeout_s=1)


async def test_a_connection_is_used_again_after_a_whole_answer(
    server: ScriptedEvolution, provider: Provider
) -> None:
    for _ in range(5):
        await ask(provider, "chunks=3 rate=0")
    assert server.connections == 1
