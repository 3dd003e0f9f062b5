"""An answer that was begun is continued: behind its text where that is possible, else in words."""

from typing import Any

import pytest

from chat.evolution import ChatRequest, Provider, ProviderConfig
from chat.evolution.continuing import CONTINUE
from scripted_evolution import ScriptedEvolution
from tests.evolution.asking import MODEL, Answer, collect, question, words
from tests.evolution.raw import chunk, raw_server

OTHER_MODEL = "scripted/echo-2"


async def go_on(
    provider: Provider, directive: str, so_far: str, model: str = MODEL, **parameters: Any
) -> Answer:
    messages = question(directive).messages
    return await collect(
        provider.stream(ChatRequest(model, messages, partial=so_far, **parameters))
    )


def asked(server: ScriptedEvolution) -> list[list[str]]:
    """Return the roles of the messages of each request."""
    return [[message["role"] for message in r.body["messages"]] for r in server.requests]


BEHIND_PREFIX = ["user", "assistant"]
IN_WORDS = ["user", "assistant", "user"]


async def test_the_text_so_far_is_the_beginning_of_the_answer(
    server: ScriptedEvolution, provider: Provider
) -> None:
    answer = await go_on(provider, "chunks=5 rate=0", words(2))
    assert words(2) + answer.content == words(5)
    (request,) = server.requests
    assert request.body["messages"][-1] == {"role": "assistant", "content": words(2)}
    assert request.body["continue_final_message"] is True
    assert request.body["add_generation_prompt"] is False


@pytest.mark.parametrize("so_far", [None, ""])
async def test_a_new_answer_is_asked_for_as_ever(
    server: ScriptedEvolution, provider: Provider, so_far: str | None
) -> None:
    messages = question("chunks=2 rate=0").messages
    answer = await collect(provider.stream(ChatRequest(MODEL, messages, partial=so_far)))
    assert answer.content == words(2)
    assert set(server.requests[0].body) == {"model", "messages", "stream", "stream_options"}


async def test_a_model_that_takes_no_prefix_is_asked_in_words_at_once_and_that_is_remembered(
    server: ScriptedEvolution, provider: Provider
) -> None:
    first = await go_on(provider, "chunks=5 rate=0 prefix=0", words(2))
    assert (first.content, first.retries) == ("w0003 w0004 w0005 ", [])
    assert asked(server) == [BEHIND_PREFIX, IN_WORDS]
    request = server.requests[-1].body
    assert request["messages"][-1] == {"role": "user", "content": CONTINUE}
    assert "continue_final_message" not in request

    await go_on(provider, "chunks=5 rate=0 prefix=0", words(2))
    await go_on(provider, "chunks=5 rate=0", words(2), OTHER_MODEL)
    assert asked(server)[2:] == [IN_WORDS, BEHIND_PREFIX]


async def test_a_refusal_that_was_not_about_the_prefix_is_told_and_forgotten(
    server: ScriptedEvolution, provider: Provider
) -> None:
    # A directive nobody knows is answered with 400 however it is asked.
    answer = await go_on(provider, "unknown=1", words(2))
    assert answer.code == "provider_bad_request"
    assert asked(server) == [BEHIND_PREFIX, IN_WORDS]
    await go_on(provider, "chunks=5 rate=0", words(2))
    assert asked(server)[2:] == [BEHIND_PREFIX]


@pytest.mark.parametrize(
    "directive",
    [
        "prefix=0 again=6 rate=0",
        "prefix=0 again=18 rate=200",
        "prefix=0 again=60 rate=0",
        "again=30 rate=0",
        "again=60 rate=200",
    ],
)
async def test_what_stands_there_is_not_repeated(provider: Provider, directive: str) -> None:
    answer = await go_on(provider, f"chunks=14 {directive}", words(10))
    assert words(10) + answer.content == words(14)
    assert answer.finish == "stop"


async def test_nothing_but_a_repetition_is_a_whole_answer_without_text(provider: Provider) -> None:
    answer = await go_on(provider, "chunks=14 rate=0 again=60", words(10), max_tokens=10)
    assert (answer.deltas, answer.finish) == ([], "length")
    assert answer.usage is not None


async def test_a_stream_that_breaks_gives_out_what_was_held_back() -> None:
    async with raw_server(chunk("brown"), chunk(" fox")) as url:
        provider = Provider(ProviderConfig(url))
        request = ChatRequest("any", [], partial="The quick brown fox jumps")
        answer = await collect(provider.stream(request))
        assert (answer.content, answer.code) == ("brown fox", "provider_truncated")
        await provider.aclose()


async def test_a_stream_that_breaks_inside_a_repetition_has_nothing_to_give() -> None:
    async with raw_server(chunk("brown"), chunk(" fox")) as url:
        provider = Provider(ProviderConfig(url))
        request = ChatRequest("any", [], partial="brown fox")
        answer = await collect(provider.stream(request))
        assert (answer.content, answer.code) == ("", "provider_truncated")
        await provider.aclose()
