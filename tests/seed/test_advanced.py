"""«Продвинутые возможности» and «Паттерны и лучшие практики»."""

import asyncio
import uuid
from contextlib import aclosing

import pytest

from chat.evolution import Delta, Finish, Provider
from chat.timing import Stopwatch, rates
from scripted_evolution import ScriptedEvolution
from tests.evolution.asking import collect, question, words
from tests.support.deployment import Deployment
from tests.support.waiting import eventually
from tests.unit.clock import Clock

WINDOW_S = 0.05


async def test_streaming_with_metadata(chat: Deployment) -> None:
    """«Streaming с метаданными»: time, chunks, characters and characters a second of a stream."""
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt("[[chunks=40 rate=100]]", params={"max_tokens": 500})
        end = await socket.until_end(accepted["generation"])
    timing = end["timing"]
    assert timing["chunks"] == 40
    assert timing["chars"] == len(socket.shown(accepted["generation"])) == len(words(40))
    assert timing["total_ms"] >= 390
    expected = timing["chars"] * 1000 / timing["total_ms"]
    assert timing["chars_per_second"] == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(
    ("parameters", "text", "reason"),
    [
        ({"stop": ["КОНЕЦ", "w0006"], "max_tokens": 300}, words(5), "stop"),
        ({"stop": ["КОНЕЦ", "END"], "max_tokens": 4}, words(4), "length"),
        ({"stop": ["КОНЕЦ", "END"], "max_tokens": 300}, words(9), "stop"),
    ],
)
async def test_stop_sequences_in_streaming(
    chat: Deployment, parameters: dict[str, object], text: str, reason: str
) -> None:
    """«Stop sequences в streaming»: stopped by a sequence, or by the limit of tokens."""
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt("[[chunks=9 rate=0]]", params=parameters)
        end = await socket.until_end(accepted["generation"])
    assert (socket.shown(accepted["generation"]), end["finish_reason"]) == (text, reason)


async def test_buffering_for_the_ui(chat: Deployment) -> None:
    """«Буферизация для UI»: not an update for each chunk, and the rest is flushed at the end."""
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt("[[chunks=400 rate=400]]")
        end = await socket.until_end(accepted["generation"])
    updates = [f for f in socket.events(accepted["generation"]) if f["type"] == "generation.delta"]
    windows = end["timing"]["total_ms"] / 1000 / WINDOW_S
    assert len(updates) <= windows + 2
    assert len(updates) > 1
    assert "".join(update["text"] for update in updates) == words(400)


async def test_multiple_streaming(chat: Deployment) -> None:
    """«Множественный streaming»: three questions at once, each with an answer of its own."""
    alice = chat.sign_up("alice")
    questions = ["Что такое Python?", "Объясни машинное обучение", "Расскажи про веб-разработку"]
    async with chat.socket(alice) as socket:
        asked = [f"{text} [[echo=1 hold=1]]" for text in questions]
        generations = [(await socket.prompt(prompt))["generation"] for prompt in asked]
        # None of them can end before all of them have begun.
        begun = [await socket.until_text(generation, chars=1) for generation in generations]
        await chat.evolution.release_when_held(*asked)
        for generation in generations:
            await socket.until_end(generation)
    answers = [socket.shown(generation) for generation in generations]
    assert answers == questions
    assert all(answer.startswith(start) for answer, start in zip(answers, begun, strict=True))


async def test_performance_monitoring(provider: Provider) -> None:
    """«Мониторинг производительности»: the numbers of the guide's `StreamingMetrics`."""
    clock = Clock()
    watch, lengths = Stopwatch(clock), []
    async for item in provider.stream(question("chunks=20 rate=0")):
        if isinstance(item, Delta):
            clock.advance(0.25)
            watch.delta(item.kind, len(item.text), item.chunks)
            lengths.append(len(item.text))
    clock.advance(0.5)
    measured, total_s = watch.read(), len(lengths) * 0.25 + 0.5
    assert measured.total_ms == round(total_s * 1000)
    assert measured.ttft_ms == 250
    assert (measured.chunks, measured.chars) == (20, sum(lengths))
    assert rates(measured.total_ms, measured.chunks, measured.chars) == {
        "chars_per_second": pytest.approx(sum(lengths) / total_s, abs=0.01),
        "chunks_per_second": pytest.approx(20 / total_s, abs=0.01),
        "avg_chunk_chars": 6,
    }


async def test_monitoring_is_told_with_the_end_and_stored(chat: Deployment) -> None:
    """«Мониторьте производительность и задержки»: the same numbers in the event and the record."""
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt("[[chunks=20 rate=100 first=0.2]]")
        end = await socket.until_end(accepted["generation"])
    timing = end["timing"]
    stored = chat.database.generation(accepted["generation"])
    assert 200 <= timing["ttft_ms"] < timing["total_ms"]
    assert timing["avg_chunk_chars"] == 6
    for name in ("ttft_ms", "total_ms", "chunks", "chars"):
        assert timing[name] == getattr(stored, name)


async def test_limiting_concurrent_streams(chat: Deployment) -> None:
    """«Ограничивайте количество одновременных streams»: what is too much waits for its turn."""
    alice = chat.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[chunks=4 rate=0 hold=2]]"
    async with chat.socket(alice) as socket:
        running = [await socket.prompt(prompt) for _ in range(3)]
        for each in running:
            await socket.until_text(each["generation"], len(words(2)) - 1)
        waiting = await socket.prompt(prompt)
        queued = await socket.until("generation.queued", generation=waiting["generation"])
        assert queued["position"] == 1
        assert len(await chat.evolution.calls(prompt)) == 3
        await chat.evolution.release()
        await socket.until_text(waiting["generation"], len(words(2)) - 1)
        await chat.evolution.release()
        for each in (*running, waiting):
            end = await socket.until_end(each["generation"])
            assert end["type"] == "generation.completed"


async def test_closing_streams_properly(server: ScriptedEvolution, provider: Provider) -> None:
    """«Правильно закрывайте streams»: leaving a stream in the middle closes its connection."""
    await collect(provider.stream(question("chunks=1 rate=0")))
    before = asyncio.all_tasks()
    async with aclosing(provider.stream(question("fault=endless rate=100"))) as stream:
        async for item in stream:
            assert not isinstance(item, Finish)
            break
    await server.wait_for(lambda record: record.closed_by_client)
    await eventually(lambda: asyncio.all_tasks() <= before, "no task is left")


async def test_cancellation_of_long_generations(chat: Deployment) -> None:
    """«Реализуйте cancellation для длинных операций»: from another tab, down to the provider."""
    alice = chat.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[fault=endless rate=50]]"
    async with chat.socket(alice) as socket, chat.socket(alice) as other_tab:
        accepted = await socket.prompt(prompt)
        await socket.until_text(accepted["generation"], 30)
        await other_tab.ask("generation.cancel", generation=accepted["generation"])
        end = await socket.until_end(accepted["generation"])
    assert end["type"] == "generation.cancelled"
    await chat.evolution.until_closed(prompt)
    answer = chat.database.message(accepted["answer"]).content
    assert answer == socket.shown(accepted["generation"])
