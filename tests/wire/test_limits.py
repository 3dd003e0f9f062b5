"""Limits: how much at once, how much queued, how many a minute, with positions told."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.support.deployment import Deployment, deployed
from tests.support.processes import Processes


@pytest.fixture
def limited(
    processes: Processes, sqlite_url: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[Deployment]:
    """Give a chat with room for two answers, one a person, and three prompts in a queue."""
    limits = {
        "EVOLUTION_MAX_PARALLEL": "2",
        "USER_MAX_GENERATIONS": "1",
        "USER_MAX_QUEUED": "3",
        "USER_MESSAGES_PER_MINUTE": "7",
    }
    with deployed(processes, sqlite_url, django_db_blocker, **limits) as deployment:
        deployment.add_web()
        yield deployment


HELD = "[[chunks=4 rate=0 hold=2]]"


async def test_what_does_not_fit_is_queued_fairly_with_its_position(limited: Deployment) -> None:
    alice, bob = limited.sign_up("alice"), limited.sign_up("bob")
    async with limited.socket(alice) as hers, limited.socket(bob) as his:
        running = await hers.prompt(HELD)
        await hers.until_text(running["generation"], 11)
        waiting = []
        for position in (1, 2):
            waiting.append(await hers.prompt(HELD))
            generation = waiting[-1]["generation"]
            await hers.until("generation.queued", generation=generation, position=position)
        # Bob comes last and has nothing running: he goes before her second.
        bobs = await his.prompt(HELD)
        await his.until("generation.started", generation=bobs["generation"])
        await limited.evolution.release()
        await hers.until_end(running["generation"])
        moved = await hers.until("generation.queued", generation=waiting[1]["generation"])
        await hers.until("generation.started", generation=waiting[0]["generation"])
    assert moved["position"] == 1


async def test_too_many_queued_are_refused(limited: Deployment) -> None:
    alice = limited.sign_up("alice")
    async with limited.socket(alice) as socket:
        running = await socket.prompt(HELD)
        await socket.until_text(running["generation"], 11)
        for _ in range(3):
            await socket.prompt(HELD)
        command = {"content": HELD, "conversation": None}
        error = await socket.ask("message.send", message=running["answer"][::-1], **command)
        assert error["code"] == "invalid"
        error = await socket.ask(
            "message.send", message="00000000-0000-4000-8000-000000000001", **command
        )
    assert error["code"] == "too_many_generations"
    assert len(limited.database.generations_of(alice)) == 4


async def test_too_many_a_minute_are_refused_with_the_time_to_wait(limited: Deployment) -> None:
    alice = limited.sign_up("alice")
    async with limited.socket(alice) as socket:
        for _ in range(7):
            accepted = await socket.prompt("[[chunks=1 rate=0]]")
            await socket.until_end(accepted["generation"])
        again = {"message": accepted["message"], "content": "[[chunks=1 rate=0]]"}
        resent = await socket.ask("message.send", **again, conversation=accepted["conversation"])
        error = await socket.ask(
            "message.send",
            message="00000000-0000-4000-8000-000000000002",
            content="more",
            conversation=None,
        )
    assert resent["duplicate"] is True
    assert error["code"] == "rate_limited"
    assert 0 < error["retry_after_ms"] <= 60_000
    assert len(limited.database.generations_of(alice)) == 7


OF_HER_OWN = """
INSERT INTO chat_userlimits (user_id, at_once, prompts_per_day, is_paused, reason) VALUES (%s, 2, 5, false, '')
"""


async def test_a_socket_is_told_the_limits_of_its_own_person(limited: Deployment) -> None:
    alice, bob = limited.sign_up("alice"), limited.sign_up("bob")
    limited.database.execute(OF_HER_OWN, alice.user.pk)
    told = {}
    for person in (alice, bob):
        async with limited.socket(person) as socket:
            told[person] = socket.frames[0]["limits"]
    assert (told[alice]["max_generations"], told[bob]["max_generations"]) == (2, 1)
    assert (told[alice]["prompts_per_day"], told[bob]["prompts_per_day"]) == (5, None)
    assert told[alice]["max_queued"] == told[bob]["max_queued"] == 3
