"""The same command again: one message, one generation, one call of the provider."""

import asyncio
import uuid

from tests.support.deployment import Deployment
from tests.support.waiting import eventually
from tests.support.wire import Frame


async def test_the_same_send_fifty_times_at_once_is_one_message_and_one_call(
    chat: Deployment,
) -> None:
    alice = chat.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[chunks=3 rate=0]]"
    command = {"message": str(uuid.uuid4()), "content": prompt, "conversation": None}
    async with chat.socket(alice) as first, chat.socket(alice) as second:
        await asyncio.gather(
            *(socket.send("message.send", **command) for socket in (first, second) * 25)
        )
        replies: list[Frame] = []
        for socket in (first, second):
            replies += [await socket.until("message.accepted", "error") for _ in range(25)]
        accepted = next(reply for reply in replies if not reply["duplicate"])
        await eventually(
            lambda: chat.database.generation(accepted["generation"]).ended_at, "the answer ends"
        )
    assert {reply["type"] for reply in replies} == {"message.accepted"}
    assert [reply["duplicate"] for reply in replies].count(False) == 1
    ids = ("conversation", "message", "answer", "generation")
    assert len({tuple(reply[name] for name in ids) for reply in replies}) == 1
    assert len(chat.database.messages_of(alice)) == 2
    assert len(chat.database.generations_of(alice)) == 1
    assert len(await chat.evolution.calls(prompt)) == 1


async def test_the_same_uuid_with_another_content_is_a_conflict(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt("[[chunks=1 rate=0]]")
        other = {"message": accepted["message"], "content": "other", "conversation": None}
        error = await socket.ask("message.send", **other)
    assert (error["type"], error["code"], error["field"]) == ("error", "conflict", "message")
    assert len(chat.database.messages_of(alice)) == 2


async def test_the_same_uuid_in_another_place_is_a_conflict(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        first = await socket.prompt("[[chunks=1 rate=0]]")
        await socket.until_end(first["generation"])
        second = await socket.prompt("[[chunks=1 rate=0]]", first["conversation"])
        moved = {"message": second["message"], "content": "[[chunks=1 rate=0]]", "parent": None}
        error = await socket.ask("message.send", conversation=first["conversation"], **moved)
    assert error["code"] == "conflict"


async def test_someone_elses_uuid_is_a_conflict_and_tells_nothing(chat: Deployment) -> None:
    alice, bob = chat.sign_up("alice"), chat.sign_up("bob")
    async with chat.socket(alice) as hers, chat.socket(bob) as his:
        accepted = await hers.prompt("[[chunks=1 rate=0]]")
        command = {"content": "[[chunks=1 rate=0]]", "conversation": None}
        error = await his.ask("message.send", message=accepted["message"], **command)
    assert error["code"] == "conflict"
    assert accepted["conversation"] not in str(error)
    assert chat.database.messages_of(bob) == []


async def test_an_answer_made_again_is_a_version_beside_the_first(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        first = await socket.prompt("[[chunks=2 rate=0]]")
        await socket.until_end(first["generation"])
        answer = str(uuid.uuid4())
        command = {"message": first["message"], "answer": answer}
        again = await socket.ask("generation.create", **command)
        await socket.until_end(again["generation"])
        resent = await socket.ask("generation.create", **command)
        snapshot = await socket.ask("conversation.subscribe", conversation=first["conversation"])
    assert (again["answer"], again["duplicate"]) == (answer, False)
    assert (resent["generation"], resent["duplicate"]) == (again["generation"], True)
    shown = snapshot["messages"][-1]
    assert shown["id"] == answer
    assert shown["siblings"] == [first["answer"], answer]


async def test_an_edited_prompt_is_a_sibling_of_the_first(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        first = await socket.prompt("[[chunks=1 rate=0]]")
        await socket.until_end(first["generation"])
        edited = await socket.prompt("[[chunks=2 rate=0]]", first["conversation"], parent=None)
        await socket.until_end(edited["generation"])
        snapshot = await socket.ask("conversation.subscribe", conversation=first["conversation"])
    assert [message["id"] for message in snapshot["messages"]] == [
        edited["message"],
        edited["answer"],
    ]
    assert snapshot["messages"][0]["siblings"] == [first["message"], edited["message"]]


async def test_an_answer_can_be_continued_once(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        first = await socket.prompt("[[chunks=9 rate=0]]", params={"max_tokens": 4})
        await socket.until_end(first["generation"])
        before = chat.database.message(first["answer"]).content
        command = {"generation": first["generation"]}
        more = await socket.ask("generation.continue", **command)
        created = await socket.until("generation.created", generation=more["generation"])
        await socket.until_end(more["generation"])
        again = await socket.ask("generation.continue", **command)
    assert (more["answer"], more["message"]) == (first["answer"], first["message"])
    assert created["continues"] == first["generation"]
    assert (again["generation"], again["duplicate"]) == (more["generation"], True)
    after = chat.database.message(first["answer"]).content
    assert after == before + socket.shown(more["generation"])


async def test_a_whole_answer_is_not_to_be_continued(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        first = await socket.prompt("[[chunks=1 rate=0]]")
        await socket.until_end(first["generation"])
        error = await socket.ask("generation.continue", generation=first["generation"])
    assert (error["code"], error["field"]) == ("invalid", "generation")
