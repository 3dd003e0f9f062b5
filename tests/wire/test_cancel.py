"""Stop: from any socket, at any moment, and what was shown stays."""

import uuid

import pytest

from tests.support.deployment import Deployment
from tests.support.wire import assert_contiguous


@pytest.mark.parametrize("target", ["generation", "message", "conversation"])
async def test_it_stops_a_running_answer_and_closes_the_providers_connection(
    chat: Deployment, target: str
) -> None:
    alice = chat.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[fault=endless rate=50]]"
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt(prompt)
        await socket.until_text(accepted["generation"], 30)
        reply = await socket.ask("generation.cancel", **{target: accepted[target]})
        assert reply["type"] == "generation.cancelling"
        assert reply["generations"] == [accepted["generation"]]
        end = await socket.until_end(accepted["generation"])
        await socket.settle()
    assert end["type"] == "generation.cancelled"
    assert_contiguous(socket.frames, accepted["generation"])
    await chat.evolution.until_closed(prompt)
    stored = chat.database.generation(accepted["generation"])
    assert stored.status == "cancelled"
    assert stored.cancel_requested_at is not None
    assert chat.database.message(accepted["answer"]).content == socket.shown(accepted["generation"])


async def test_it_stops_before_the_first_word(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[fault=never]]"
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt(prompt)
        await chat.evolution.until(prompt, bool, "the provider is asked")
        await socket.send("generation.cancel", generation=accepted["generation"])
        end = await socket.until_end(accepted["generation"])
    assert (end["type"], end["seq"]) == ("generation.cancelled", 1)
    await chat.evolution.until_closed(prompt)


async def test_it_stops_during_the_wait_for_a_retry(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[status=503 retry_after=30]]"
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt(prompt)
        await socket.until("generation.retrying", generation=accepted["generation"])
        await socket.send("generation.cancel", generation=accepted["generation"])
        end = await socket.until_end(accepted["generation"])
    assert end["type"] == "generation.cancelled"
    assert len(await chat.evolution.calls(prompt)) == 1


async def test_it_cancels_what_is_queued_without_asking_the_provider(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    held, waiting = f"{uuid.uuid4()} [[fault=endless rate=20]]", f"{uuid.uuid4()} [[chunks=1]]"
    async with chat.socket(alice) as socket:
        first = await socket.prompt(held)
        await socket.until_text(first["generation"], 6)
        second = await socket.prompt(waiting, first["conversation"])
        reply = await socket.ask("generation.cancel", generation=second["generation"])
        end = await socket.until_end(second["generation"])
        await socket.ask("generation.cancel", generation=first["generation"])
        await socket.until_end(first["generation"])
    assert reply["generations"] == [second["generation"]]
    assert (end["type"], end["seq"]) == ("generation.cancelled", 1)
    assert await chat.evolution.calls(waiting) == []


async def test_the_cancel_of_an_ended_answer_tells_its_end_again(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt("[[chunks=2 rate=0]]")
        end = await socket.until_end(accepted["generation"])
        command_id = await socket.send("generation.cancel", generation=accepted["generation"])
        reply = await socket.until("generation.cancelling")
        again = await socket.until("generation.completed", command_id=command_id)
    assert reply["generations"] == []
    assert again == {**end, "command_id": command_id}


async def test_a_cancel_that_races_the_end_leaves_one_end(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        for _ in range(25):
            accepted = await socket.prompt("[[chunks=3 rate=100]]")
            await socket.until("generation.delta", generation=accepted["generation"])
            await socket.send("generation.cancel", generation=accepted["generation"])
            end = await socket.until_end(accepted["generation"])
            await socket.settle()
            stored = chat.database.generation(accepted["generation"])
            assert end["type"] == f"generation.{stored.status}"
            shown = socket.shown(accepted["generation"])
            assert chat.database.message(accepted["answer"]).content == shown
            unasked = [f for f in socket.events(accepted["generation"]) if "command_id" not in f]
            assert_contiguous(unasked, accepted["generation"])


async def test_a_stopped_answer_can_be_continued(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[fault=endless rate=50]]"
    async with chat.socket(alice) as socket:
        first = await socket.prompt(prompt)
        await socket.until_text(first["generation"], 20)
        await socket.send("generation.cancel", generation=first["generation"])
        await socket.until_end(first["generation"])
        more = await socket.ask("generation.continue", generation=first["generation"])
        end = await socket.until_end(more["generation"])
    assert end["type"] == "generation.completed"
    answer = chat.database.message(first["answer"]).content
    assert answer == socket.shown(first["generation"]) + socket.shown(more["generation"])
