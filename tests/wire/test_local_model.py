"""A conversation with the real local model, as it is when nothing is configured."""

import asyncio
import uuid
from collections.abc import Iterator

import psutil
import pytest
from pytest_django import DjangoDbBlocker

from tests.support.deployment import Deployment, deployed
from tests.support.processes import Processes
from tests.support.waiting import eventually
from tests.support.wire import assert_contiguous, wire

NOTHING_SET = {"EVOLUTION_BASE_URL": "", "EVOLUTION_API_KEY": "", "EVOLUTION_MODEL": ""}


@pytest.fixture
def demo(
    processes: Processes, sqlite_url: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[Deployment]:
    with deployed(processes, sqlite_url, django_db_blocker, **NOTHING_SET) as deployment:
        deployment.add_web().wait_for_line("answers come from SmolLM2")
        yield deployment


async def test_a_real_model_answers_continues_and_stops(demo: Deployment) -> None:
    alice = demo.sign_up("alice")
    async with wire(demo.webs[0].ws_url, alice.cookie) as socket:
        ready = await socket.until("session.ready")
        assert ready["demo"] is True
        first = await socket.prompt("Tell me about the sea.", params={"max_tokens": 24})
        end = await socket.until_end(first["generation"], within_s=60)
        assert (end["type"], end["finish_reason"]) == ("generation.completed", "length")
        assert end["usage"]["output_tokens"] == 24
        assert end["usage"]["estimated"] is False
        more = await socket.ask("generation.continue", generation=first["generation"])
        await socket.until_end(more["generation"], within_s=60)
        story = await socket.prompt("Write a very long story.", first["conversation"])
        await socket.until_text(story["generation"], 40)
        await socket.send("generation.cancel", generation=story["generation"])
        stopped = await socket.until_end(story["generation"])
    assert stopped["type"] == "generation.cancelled"
    for each in (first, more, story):
        assert_contiguous(socket.frames, each["generation"])
    answer = demo.database.message(first["answer"]).content
    assert answer == socket.shown(first["generation"]) + socket.shown(more["generation"])
    assert demo.database.message(story["answer"]).content == socket.shown(story["generation"])


async def test_a_model_that_dies_is_started_again(demo: Deployment) -> None:
    (web,) = demo.webs
    (model,) = psutil.Process(web.pid).children()
    model.kill()
    await asyncio.to_thread(web.wait_for_line, "starts again")
    async with wire(web.ws_url, demo.sign_up("alice").cookie) as socket:
        await eventually(lambda: psutil.Process(web.pid).children(), "another model")
        accepted = await socket.prompt("Hello", params={"max_tokens": 5})
        end = await socket.until_end(accepted["generation"], within_s=60)
        while end["type"] != "generation.completed":
            again = {"message": accepted["message"], "answer": str(uuid.uuid4())}
            accepted = await socket.ask("generation.create", **again)
            end = await socket.until_end(accepted["generation"], within_s=60)


async def test_the_model_dies_with_the_server_even_when_that_is_killed(demo: Deployment) -> None:
    (web,) = demo.webs
    (model,) = psutil.Process(web.pid).children()
    web.kill()
    await eventually(lambda: not model.is_running(), "the model's process ends")
