"""One prompt to several models: that the answers stand side by side is stored, told to every tab, and ends in all of them."""

import uuid
from typing import Any

from tests.support.deployment import Deployment
from tests.support.wire import Frame, Wire

MODELS = ("scripted/echo-1", "scripted/echo-2")
# In more words than a title has: nothing happens after the end.
SHORT = "[[chunks=30 rate=0]]"


async def compared(socket: Wire, **fields: Any) -> tuple[Frame, str]:
    """Have a prompt answered by two models; give what accepted it, and the answer of the second."""
    accepted = await socket.prompt(f"Both {SHORT}", model=MODELS[0], compare=True, **fields)
    await socket.until_end(accepted["generation"])
    second = str(uuid.uuid4())
    again = await socket.ask(
        "generation.create", message=accepted["message"], answer=second, model=MODELS[1]
    )
    await socket.until_end(again["generation"])
    return accepted, second


async def read(socket: Wire, conversation: str, **fields: Any) -> Frame:
    return await socket.ask("conversation.subscribe", conversation=conversation, **fields)


async def until_kept(socket: Wire, answer: str) -> None:
    """Receive until the conversation is told to go on from `answer`, and to compare nothing."""
    kept = {"head": answer, "compared": None}
    told: Frame = {}
    while not kept.items() <= told.items():
        told = (await socket.until("conversation.updated"))["conversation"]


def ids(messages: list[Frame]) -> list[str]:
    return [message["id"] for message in messages]


async def test_a_comparison_is_told_at_once_and_read_whole_anywhere(either: Deployment) -> None:
    alice = either.sign_up("alice")
    async with either.socket(alice) as socket, either.socket(alice) as other:
        accepted, second = await compared(socket)
        told = await other.until("conversation.created")
        async with either.socket(alice) as elsewhere:
            snapshot = await read(elsewhere, accepted["conversation"])
            page = await elsewhere.ask("conversation.list")
        since = await read(other, accepted["conversation"], revision=1)
    prompt, first = accepted["message"], accepted["answer"]
    assert told["conversation"]["compared"] == prompt
    assert page["conversations"][0]["compared"] == prompt
    assert snapshot["conversation"]["compared"] == prompt
    assert ids(snapshot["messages"]) == [prompt, second]
    (beside,) = snapshot["beside"]
    assert (beside["id"], beside["siblings"]) == (first, [first, second])
    assert (beside["content"].split()[-1], beside["generation"]["model"]) == ("w0030", MODELS[0])
    # Who has read it before is told what has changed, as ever.
    assert "beside" not in since
    assert since["conversation"]["compared"] == prompt


async def test_keeping_one_ends_it_in_every_tab(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket, chat.socket(alice) as other:
        accepted, second = await compared(socket)
        conversation, first = accepted["conversation"], accepted["answer"]
        await read(other, conversation)
        keep = {"conversation": conversation, "head": first, "compared": None}
        assert (await other.ask("conversation.update", **keep))["type"] == "done"
        await until_kept(socket, first)
        revision = chat.database.conversation(conversation).revision
        assert (await socket.ask("conversation.update", **keep))["type"] == "done"
        snapshot = await read(socket, conversation)
        resent = await socket.prompt(
            f"Both {SHORT}", message=accepted["message"], model=MODELS[0], compare=True
        )
    assert ids(snapshot["messages"]) == [accepted["message"], first]
    assert snapshot["messages"][1]["siblings"] == [first, second]
    assert "beside" not in snapshot
    assert resent["duplicate"]
    stored = chat.database.conversation(conversation)
    assert (stored.compared, stored.revision) == (None, revision)


async def test_who_talks_on_ends_it_and_may_begin_another(chat: Deployment) -> None:
    async with chat.socket(chat.sign_up("alice")) as socket:
        accepted, second = await compared(socket)
        conversation = accepted["conversation"]
        onward = await socket.prompt(f"And? {SHORT}", conversation)
        await socket.until_end(onward["generation"])
        after = await read(socket, conversation)
        again, _third = await compared(socket, conversation=conversation)
        later = await read(socket, conversation)
    assert str(chat.database.message(onward["message"]).parent_id) == second
    assert (after["conversation"]["compared"], "beside" in after) == (None, False)
    assert later["conversation"]["compared"] == again["message"]
    assert ids(later["beside"]) == [again["answer"]]


async def test_what_is_compared_on_another_branch_is_read_with_that(chat: Deployment) -> None:
    async with chat.socket(chat.sign_up("alice")) as socket:
        old = await socket.prompt(f"One {SHORT}")
        await socket.until_end(old["generation"])
        conversation = old["conversation"]
        accepted, second = await compared(socket, conversation=conversation, parent=None)
        await socket.ask("conversation.update", conversation=conversation, head=old["message"])
        away = await read(socket, conversation)
        await socket.ask("conversation.update", conversation=conversation, head=second)
        back = await read(socket, conversation)
    assert (ids(away["messages"]), "beside" in away) == ([old["message"], old["answer"]], False)
    assert ids(back["beside"]) == [accepted["answer"]]


async def test_only_a_prompt_that_is_sent_begins_one(chat: Deployment) -> None:
    async with chat.socket(chat.sign_up("alice")) as socket:
        accepted = await socket.prompt(SHORT)
        await socket.until_end(accepted["generation"])
        refused = await socket.ask(
            "conversation.update",
            conversation=accepted["conversation"],
            compared=accepted["message"],
        )
        snapshot = await read(socket, accepted["conversation"])
    assert (refused["code"], refused["field"]) == ("invalid", "compared")
    assert snapshot["conversation"]["compared"] is None
    assert "beside" not in snapshot
