"""What a person thinks of an answer: stored, the same in every tab, and told again after a loss."""

import uuid
from typing import Any

import pytest

from tests.support.deployment import Deployment
from tests.support.wire import Frame, Wire

NOBODY = "00000000-0000-4000-8000-000000000000"


async def answered(socket: Wire) -> Frame:
    accepted = await socket.prompt("Hello [[chunks=30 rate=0]]")
    await socket.until_end(accepted["generation"])
    return accepted


async def rate(socket: Wire, answer: str, rating: str | None, **why: Any) -> None:
    reply = await socket.ask("message.rate", message=answer, rating=rating, **why)
    assert reply["type"] == "done", reply


async def rating_in_snapshot(socket: Wire, accepted: Frame) -> Any:
    snapshot = await socket.ask("conversation.subscribe", conversation=accepted["conversation"])
    (answer,) = [m for m in snapshot["messages"] if m["id"] == accepted["answer"]]
    return answer.get("rating")


async def test_a_rating_is_told_in_every_tab_and_may_be_taken_back(chat: Deployment) -> None:
    given = {"rating": "down", "reason": "incorrect", "comment": "Мимо"}
    async with chat.socket(alice := chat.sign_up("alice")) as socket, chat.socket(alice) as other:
        accepted = await answered(socket)
        snapshot = await other.ask("conversation.subscribe", conversation=accepted["conversation"])
        for _ in range(2):
            await rate(
                socket, accepted["answer"], given["rating"], reason="incorrect", comment=" Мимо "
            )
        told = await other.until("message.rated")
        updated = await other.until("conversation.updated")
        assert await rating_in_snapshot(socket, accepted) == given
        await rate(socket, accepted["answer"], None)
        back = await other.until("message.rated")
        assert await rating_in_snapshot(socket, accepted) is None
    assert (told["message"], told["rating"]) == (accepted["answer"], given)
    assert updated["conversation"]["revision"] == snapshot["conversation"]["revision"] + 1
    assert back["rating"] is None
    assert [frame["type"] for frame in socket.frames].count("message.rated") == 2


async def test_a_tab_that_was_away_learns_of_a_rating(chat: Deployment) -> None:
    async with chat.socket(chat.sign_up("alice")) as socket:
        accepted = await answered(socket)
        conversation = accepted["conversation"]
        seen = await socket.ask("conversation.subscribe", conversation=conversation)
        await rate(socket, accepted["answer"], "up")
        revision = seen["conversation"]["revision"]
        missed = await socket.ask(
            "conversation.subscribe", conversation=conversation, revision=revision
        )
    (answer,) = missed["messages"]
    assert answer["rating"] == {"rating": "up", "reason": None, "comment": ""}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"rating": "sideways"}, "rating"),
        ({"reason": "no"}, "reason"),
        ({"comment": "x" * 2001}, "comment"),
    ],
)
async def test_a_bad_rating_names_its_field(
    chat: Deployment, wrong: dict[str, Any], field: str
) -> None:
    async with chat.socket(chat.sign_up("alice")) as socket:
        command = {"message": str(uuid.uuid4()), "rating": "up", **wrong}
        error = await socket.ask("message.rate", **command)
    assert (error["code"], error["field"]) == ("invalid", field)


async def test_only_ones_own_answers_are_rated(chat: Deployment) -> None:
    async with chat.socket(chat.sign_up("alice")) as hers, chat.socket(chat.sign_up("bob")) as his:
        accepted = await answered(hers)
        for message in (accepted["answer"], NOBODY):
            error = await his.ask("message.rate", message=message, rating="up")
            assert (error["code"], error["field"]) == ("not_found", "message")
        error = await hers.ask("message.rate", message=accepted["message"], rating="up")
        assert (error["code"], error["field"]) == ("invalid", "message")
        assert await rating_in_snapshot(hers, accepted) is None
