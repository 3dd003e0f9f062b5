"""«Базовое использование», «Структура streaming chunk», «Обработка ошибок в streaming»."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from chat.evolution import Delta, Finish, Provider, ProviderConfig
from chat.evolution.decoding import StreamDecoder
from scripted_evolution import ScriptedEvolution
from tests.evolution.asking import MODEL, ask, question, words
from tests.support.deployment import Deployment


async def test_synchronous_streaming(chat: Deployment) -> None:
    """«Синхронный streaming»: one prompt, and its answer shown piece by piece in order."""
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt("[[chunks=30 rate=60]]", params={"max_tokens": 300})
        shown = [await socket.until_text(accepted["generation"], chars) for chars in (1, 60, 120)]
        await socket.until_end(accepted["generation"])
    shown.append(socket.shown(accepted["generation"]))
    assert len(set(shown)) > 2
    assert all(words(30).startswith(text) for text in shown)
    assert shown[-1] == words(30)


async def test_asynchronous_streaming(provider: Provider) -> None:
    """«Асинхронный streaming»: `async for` over the stream gives the text as it comes."""
    text = ""
    async for item in provider.stream(question("chunks=20 rate=200", max_tokens=400)):
        if isinstance(item, Delta):
            text += item.text
    assert text == words(20)


async def test_structure_of_a_streaming_chunk(server: ScriptedEvolution) -> None:
    """«Структура streaming chunk»: id, object, created, model; the role in the first chunk only."""
    chunks = [chunk async for chunk in raw_chunks(server, "chunks=3 rate=0")]
    for chunk in chunks:
        assert chunk["id"] == chunks[0]["id"]
        assert chunk["object"] == "chat.completion.chunk"
        assert chunk["created"] > 1_600_000_000
        assert chunk["model"] == MODEL
    choices = [chunk["choices"][0] for chunk in chunks]
    assert {choice["index"] for choice in choices} == {0}
    assert [choice["delta"].get("role") for choice in choices] == ["assistant", *[None] * 4]
    contents = [choice["delta"].get("content") for choice in choices]
    assert contents == ["", "w0001 ", "w0002 ", "w0003 ", None]
    assert [choice["finish_reason"] for choice in choices] == [*[None] * 4, "stop"]


async def raw_chunks(server: ScriptedEvolution, directive: str) -> AsyncIterator[dict[str, Any]]:
    """Yield the chunks as any client of the API gets them."""
    body = {"model": MODEL, "messages": question(directive).messages, "stream": True}
    url = f"{server.base_url}/chat/completions"
    async with (
        httpx2.AsyncClient(trust_env=False) as client,
        client.stream("POST", url, json=body) as response,
    ):
        async for line in response.aiter_lines():
            if line.startswith("data: {"):
                yield json.loads(line.removeprefix("data: "))


@pytest.mark.parametrize(
    ("chunk", "deltas", "finish"),
    [
        ({"delta": {"role": "assistant"}}, [], None),
        ({"delta": {"content": "Привет"}}, [Delta("content", "Привет", 1)], None),
        ({"delta": {}, "finish_reason": "stop"}, [], "stop"),
        (
            {"delta": {"content": "!"}, "finish_reason": "length"},
            [Delta("content", "!", 1)],
            "length",
        ),
    ],
)
def test_handling_chunks_of_different_types(
    chunk: dict[str, Any], deltas: list[Delta], finish: str | None
) -> None:
    """«Обработка различных типов chunk»: the role, a piece of content, the reason of the end."""
    decoder = StreamDecoder()
    event = {"id": "chatcmpl-123", "model": "default", "choices": [{"index": 0, **chunk}]}
    assert decoder.feed(b"data: " + json.dumps(event).encode() + b"\n\n") == deltas
    assert decoder.finish_reason == finish


async def test_the_full_response_is_all_pieces_together(provider: Provider) -> None:
    """«Полный ответ»: the pieces joined, and why the answer ended."""
    answer = await ask(provider, "chunks=25 rate=0")
    assert (answer.content, answer.items[-1]) == (words(25), Finish("stop"))


async def test_basic_error_handling(chat: Deployment) -> None:
    """«Базовая обработка ошибок»: a failure is told and breaks nothing; what was shown stays."""
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        broken = await socket.prompt("[[chunks=9 rate=0 fault=error_event at=4]]")
        end = await socket.until_end(broken["generation"])
        after = await socket.prompt("[[chunks=2 rate=0]]")
        await socket.until_end(after["generation"])
    assert (end["type"], end["code"]) == ("generation.failed", "provider_unavailable")
    assert end["retryable"] is True
    assert socket.shown(broken["generation"]) == words(4)
    assert socket.shown(after["generation"]) == words(2)


class Pauses:
    """Remembers the pauses between attempts and does not make them."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.mark.parametrize(
    ("directive", "text", "code", "pauses"),
    [
        # It passes at the third attempt, and the text is given once.
        ("status=503 times=2 chunks=9 rate=0", words(9), None, [1, 2]),
        # «Все попытки неудачны».
        ("status=503", "", "provider_unavailable", [1, 2, 4]),
        # «Неожиданная ошибка»: another attempt would fail as well.
        ("status=400", "", "provider_bad_request", []),
        # After the first word nothing is tried again: it would be said twice.
        ("fault=eof at=3 chunks=9 rate=0", words(3), "provider_truncated", []),
    ],
)
async def test_advanced_error_handling(
    server: ScriptedEvolution, directive: str, text: str, code: str | None, pauses: list[float]
) -> None:
    """«Продвинутая обработка ошибок»: `robust_streaming`, attempts with exponential backoff."""
    waited = Pauses()
    config = ProviderConfig(server.base_url, max_retries=3, retry_base_s=1)
    provider = Provider(config, sleep=waited, jitter=lambda ceiling_s: ceiling_s)
    answer = await ask(provider, directive)
    assert (answer.content, answer.code, waited.seconds) == (text, code, pauses)
    await provider.aclose()
