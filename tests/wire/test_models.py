"""Models: what they cost, which are offered, what fits them, and what they are asked besides."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from pytest_django import DjangoDbBlocker

from tests.support.deployment import Deployment, deployed
from tests.support.processes import Processes
from tests.support.waiting import eventually
from tests.support.wire import Frame, wire

Deploy = Callable[..., Deployment]


@pytest.fixture
def deploy(
    processes: Processes, sqlite_url: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[Deploy]:
    """Start a chat of this test's own with these settings."""
    with ExitStack() as stack:

        def start(**env: str) -> Deployment:
            running = deployed(processes, sqlite_url, django_db_blocker, **env)
            deployment = stack.enter_context(running)
            deployment.add_web()
            return deployment

        yield start


async def ready_frame(chat: Deployment) -> Frame:
    async with wire(chat.webs[0].ws_url, chat.sign_up("alice").cookie) as socket:
        return await socket.until("session.ready")


async def prices(chat: Deployment) -> list[float]:
    """Give the prices that are known: none before the provider's list was read."""
    models = (await ready_frame(chat))["models"]
    return [model["input_price"] for model in models if model["input_price"] is not None]


async def test_an_answer_has_its_cost_and_its_numbers(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt("[[chunks=30 rate=100 reasoning=10]]")
        end = await socket.until_end(accepted["generation"])
    usage, timing = end["usage"], end["timing"]
    cost = (10 * usage["input_tokens"] + 20 * usage["output_tokens"]) / 1_000_000
    assert usage["cost"] == pytest.approx(cost, abs=1e-6)
    assert timing["ttft_ms"] == timing["reasoning_ms"] < timing["content_ms"]
    assert timing["content_ms"] <= timing["total_ms"]
    assert 0 <= timing["gap_p50_ms"] <= timing["gap_p95_ms"]
    assert timing["chunks"] == 40
    stored = chat.database.generation(accepted["generation"])
    assert float(stored.cost) == usage["cost"]
    assert stored.gap_p95_ms == timing["gap_p95_ms"]


async def test_the_models_are_told_with_what_they_hold_and_cost(chat: Deployment) -> None:
    ready = await ready_frame(chat)
    assert [model["id"] for model in ready["models"]] == ["scripted/echo-1", "scripted/echo-2"]
    first = ready["models"][0]
    assert (first["input_price"], first["output_price"], first["available"]) == (10, 20, True)
    assert first["context_length"] > 0


async def test_only_allowed_models_are_offered_and_taken(deploy: Deploy) -> None:
    chat = deploy(EVOLUTION_MODELS="scripted/echo-2", EVOLUTION_MODEL="")

    async def offered() -> list[str]:
        return [model["id"] for model in (await ready_frame(chat))["models"]]

    assert await eventually(offered, "the list of models is read") == ["scripted/echo-2"]
    async with chat.socket(chat.sign_up("alice")) as socket:
        command = {"content": "Hello", "conversation": None, "model": "scripted/echo-1"}
        error = await socket.ask("message.send", message=str(uuid.uuid4()), **command)
        assert (error["code"], error["field"]) == ("invalid", "model")
        accepted = await socket.prompt("[[chunks=1 rate=0]]")
        created = await socket.until("generation.created", generation=accepted["generation"])
    assert created["model"] == "scripted/echo-2"


async def test_a_model_that_refuses_us_is_shown_as_unavailable(deploy: Deploy) -> None:
    chat = deploy()
    async with chat.socket(chat.sign_up("alice")) as socket:
        accepted = await socket.prompt("[[status=403]]")
        end = await socket.until_end(accepted["generation"])
    assert end["code"] == "provider_forbidden"

    async def availability() -> dict[str, bool]:
        return {m["id"]: m["available"] for m in (await ready_frame(chat))["models"]}

    expected = {"scripted/echo-1": False, "scripted/echo-2": True}

    async def is_marked() -> bool:
        return await availability() == expected

    await eventually(is_marked, "the refusal is noted")


async def test_the_oldest_turns_are_left_out_when_they_do_not_fit(deploy: Deploy) -> None:
    chat = deploy(EVOLUTION_TITLES="0")
    await eventually(lambda: prices(chat), "the list of models is read")
    chat.database.execute("UPDATE chat_languagemodel SET context_length = 1000")
    async with chat.socket(chat.sign_up("alice")) as socket:
        conversation = None
        for _ in range(3):
            accepted = await socket.prompt(
                "word " * 200 + "[[chunks=20 rate=0]]",
                conversation,
                params={"system_prompt": "Be brief"},
            )
            conversation = accepted["conversation"]
            await socket.until_end(accepted["generation"])
        last = f"{uuid.uuid4()} [[chunks=1 rate=0]]"
        params = {"system_prompt": "Be brief"}
        accepted = await socket.prompt(last, conversation, params=params)
        started = await socket.until("generation.started", generation=accepted["generation"])
        await socket.until_end(accepted["generation"])
        snapshot = await socket.ask("conversation.subscribe", conversation=conversation)
    (call,) = await chat.evolution.calls(last)
    roles = [message["role"] for message in call["body"]["messages"]]
    assert started["omitted"] == 2
    assert roles == ["system", "user", "assistant", "user", "assistant", "user"]
    assert snapshot["messages"][-1]["generation"]["omitted"] == 2


async def test_a_new_conversation_gets_a_title_of_the_models(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt("Sea [[chunks=3 rate=0]]")
        await socket.until_end(accepted["generation"])
        await eventually(
            lambda: chat.database.conversation(accepted["conversation"]).title_source == "model",
            "the title",
        )
        await socket.settle()
        named = chat.database.conversation(accepted["conversation"])
        updates = [f["conversation"] for f in socket.frames if f["type"] == "conversation.updated"]
        generations = chat.database.generations_of(alice)
    assert named.title == "w0001 w0002 w0003"
    assert updates[-1]["title"] == named.title
    assert updates[-1]["revision"] == named.revision
    assert len(generations) == 1


async def test_the_first_words_stay_when_a_model_has_no_title(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt("The sea at night [[chunks=30 rate=0]]")
        await socket.until_end(accepted["generation"])
        again = await socket.prompt("[[chunks=1 rate=0]]", accepted["conversation"])
        await socket.until_end(again["generation"])
    named = chat.database.conversation(accepted["conversation"])
    assert named.title.startswith("The sea at night")
    assert named.title_source == "prompt"


async def test_an_answer_cut_by_length_goes_on_as_the_assistants_own_words(
    chat: Deployment,
) -> None:
    alice = chat.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[chunks=12 rate=0 again=30]]"
    async with chat.socket(alice) as socket:
        first = await socket.prompt(prompt, params={"max_tokens": 8})
        end = await socket.until_end(first["generation"])
        assert end["finish_reason"] == "length"
        more = await socket.ask("generation.continue", generation=first["generation"])
        await socket.until_end(more["generation"])
    # The provider begins with its last thirty characters again: they stand there once.
    words = chat.database.message(first["answer"]).content.split()
    assert words == [f"w{number:04}" for number in range(1, len(words) + 1)]
    assert len(words) > 8
