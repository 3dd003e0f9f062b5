"""Managing conversations: names, pins, tags, branches, what shapes answers; the same in every tab."""

import uuid
from typing import Any

import pytest

from tests.support.deployment import Deployment
from tests.support.wire import Frame, Wire

NOBODY = "00000000-0000-4000-8000-000000000000"


async def answered(socket: Wire, content: str = "Hello", *args: Any, **fields: Any) -> Frame:
    """Have a prompt answered, in more words than a title has: nothing happens after its end."""
    accepted = await socket.prompt(f"{content} [[chunks=30 rate=0]]", *args, **fields)
    await socket.until_end(accepted["generation"])
    return accepted


async def listed(socket: Wire, **filters: Any) -> list[str]:
    page = await socket.ask("conversation.list", **filters)
    return [conversation["id"] for conversation in page["conversations"]]


async def update(socket: Wire, conversation: str, **changes: Any) -> None:
    reply = await socket.ask("conversation.update", conversation=conversation, **changes)
    assert reply["type"] == "done", reply


CHANGES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"title": "  Море \n ночью "}, {"title": "Море ночью"}),
    ({"pinned": True}, {"pinned": True}),
    ({"archived": True}, {"archived": True}),
    ({"model": "scripted/echo-2"}, {"model": "scripted/echo-2"}),
    ({"params": {"temperature": 0.5, "stop": ["."]}}, {}),
    ({"tags": ["Work", " sea  side ", "work"]}, {"tags": ["Work", "sea side"]}),
]


@pytest.mark.parametrize(("asked", "told"), CHANGES, ids="-".join)
async def test_a_change_is_told_in_every_tab_and_stays(
    chat: Deployment, asked: dict[str, Any], told: dict[str, Any]
) -> None:
    alice, bob = chat.sign_up("alice"), chat.sign_up("bob")
    async with chat.socket(alice) as first, chat.socket(alice) as other, chat.socket(bob) as his:
        accepted = await answered(first)
        before = chat.database.conversation(accepted["conversation"])
        await update(first, accepted["conversation"], **asked)
        (event,) = [f for f in first.frames[-2:] if f["type"] == "conversation.updated"]
        seen = await other.until("conversation.updated", conversation=event["conversation"])
        again = await other.ask("conversation.update", conversation=str(before.pk), **asked)
        snapshot = await other.ask("conversation.subscribe", conversation=str(before.pk))
        await his.settle()
    assert seen["conversation"].items() >= told.items()
    assert snapshot["conversation"] == seen["conversation"]
    assert again["type"] == "done"
    assert seen["conversation"]["revision"] == before.revision + 1
    assert seen["conversation"]["updated_at"] == before.updated_at.isoformat()
    assert [frame["type"] for frame in his.frames] == ["session.ready", "pong"]


async def test_what_a_conversation_keeps_shapes_its_answers(chat: Deployment) -> None:
    prompt = f"{uuid.uuid4()} [[chunks=1 rate=0]]"
    params = {"system_prompt": "Be brief", "temperature": 0.5, "max_tokens": 100}
    async with chat.socket(chat.sign_up("alice")) as socket:
        accepted = await answered(socket, params={"top_p": 0.5})
        await update(socket, accepted["conversation"], model="scripted/echo-2", params=params)
        again = await socket.prompt(prompt, accepted["conversation"], params={"temperature": 0})
        await socket.until_end(again["generation"])
    (call,) = await chat.evolution.calls(prompt)
    asked = call["body"]
    assert asked["messages"][0] == {"role": "system", "content": "Be brief"}
    assert (asked["temperature"], asked["max_tokens"]) == (0, 100)
    assert asked["model"] == "scripted/echo-2"
    assert "top_p" not in asked


async def test_a_persons_title_is_not_overwritten(chat: Deployment) -> None:
    async with chat.socket(chat.sign_up("alice")) as socket:
        prompt = f"{uuid.uuid4()} [[chunks=4 rate=0 hold=2]]"
        accepted = await socket.prompt(prompt)
        await update(socket, accepted["conversation"], title="Mine")
        await chat.evolution.release_when_held(prompt)
        await socket.until_end(accepted["generation"])
        again = await answered(socket, "", accepted["conversation"])
        await socket.until_end(again["generation"])
    stored = chat.database.conversation(accepted["conversation"])
    assert (stored.title, stored.title_source) == ("Mine", "person")


async def test_a_switch_of_branch_opens_its_newest_end_everywhere(chat: Deployment) -> None:
    async with chat.socket(alice := chat.sign_up("alice")) as socket, chat.socket(alice) as other:
        first = await answered(socket, "One")
        conversation = first["conversation"]
        followed = await answered(socket, "Two", conversation)
        edited = await answered(socket, "Two, edited", conversation, parent=first["answer"])
        answer = str(uuid.uuid4())
        redone = await socket.ask("generation.create", message=followed["message"], answer=answer)
        await socket.until_end(redone["generation"])
        await update(socket, conversation, head=edited["message"])
        switched = await other.ask("conversation.subscribe", conversation=conversation)
        await update(socket, conversation, head=followed["message"])
        back = await other.until("conversation.updated")
        onward = await answered(socket, "Three", conversation)
    assert switched["conversation"]["head"] == edited["answer"]
    ids = [message["id"] for message in switched["messages"]]
    assert ids == [first["message"], first["answer"], edited["message"], edited["answer"]]
    assert back["conversation"]["head"] == answer
    assert str(chat.database.message(onward["message"]).parent_id) == answer


async def test_pinned_ones_come_first_and_archived_ones_apart(either: Deployment) -> None:
    async with either.socket(either.sign_up("alice")) as socket:
        made = [(await answered(socket, f"Number {n}"))["conversation"] for n in range(4)]
        await update(socket, made[0], pinned=True)
        await update(socket, made[1], pinned=True, tags=["Sea"])
        await update(socket, made[2], archived=True, tags=["sea"])
        page = await socket.ask("conversation.list")
        shown = [conversation["id"] for conversation in page["conversations"]]
        assert shown == [made[1], made[0], made[3]]
        assert page["tags"] == ["Sea"]
        assert await listed(socket, archived=True) == [made[2]]
        assert await listed(socket, tag="Sea") == [made[1]]
        assert await listed(socket, tag="Sea", archived=True) == [made[2]]
        assert await listed(socket, tag="Se") == []


async def test_a_page_of_the_list_may_end_among_the_pinned(either: Deployment) -> None:
    alice = either.sign_up("alice")
    async with either.socket(alice) as socket:
        made = []
        for number in range(54):
            accepted = await answered(socket, f"Number {number}")
            made.append(accepted["conversation"])
        either.database.execute(
            f"UPDATE chat_conversation SET pinned = true WHERE owner_id = {alice.user.pk}"
        )
        await update(socket, made[50], pinned=False)
        await update(socket, made[51], pinned=False)
        first = await socket.ask("conversation.list")
        second = await socket.ask("conversation.list", before=first["before"])
    expected = [*made[:49:-1][:-2], *made[49::-1], made[51], made[50]]
    shown = [each["id"] for each in first["conversations"] + second["conversations"]]
    assert shown == expected
    assert "tags" not in second


# -- Delete ----------------------------------------------------------------------------------------


async def test_a_deleted_conversation_is_gone_everywhere_and_comes_back(chat: Deployment) -> None:
    async with chat.socket(alice := chat.sign_up("alice")) as socket, chat.socket(alice) as other:
        kept = await answered(socket, "Kept")
        accepted = await answered(socket, "Deleted")
        conversation = accepted["conversation"]
        commands = await _refused_commands(accepted)
        assert (await socket.ask("conversation.delete", conversation=conversation))[
            "type"
        ] == "done"
        await other.until("conversation.deleted", conversation=conversation)
        assert await listed(other) == [kept["conversation"]]
        for command in commands:
            error = await other.ask(**command)
            assert error.get("code") == "not_found", (command, error)
        again = await socket.ask("conversation.delete", conversation=conversation)
        for _ in range(2):
            back = await socket.ask("conversation.restore", conversation=conversation)
        created = await other.until("conversation.created")
        assert await listed(other) == [conversation, kept["conversation"]]
        snapshot = await other.ask("conversation.subscribe", conversation=conversation)
    assert again["type"] == back["type"] == "done"
    assert created["conversation"] == snapshot["conversation"]
    assert len(snapshot["messages"]) == 2
    deleted = [f for f in socket.frames if f["type"] == "conversation.deleted"]
    restored = [f for f in socket.frames if f["type"] == "conversation.created"][2:]
    assert (len(deleted), len(restored)) == (1, 1)


async def _refused_commands(accepted: Frame) -> list[dict[str, Any]]:
    conversation, message = accepted["conversation"], accepted["message"]
    content = "Deleted [[chunks=30 rate=0]]"
    new = str(uuid.uuid4())
    return [
        {"kind": "conversation.subscribe", "conversation": conversation},
        {"kind": "conversation.update", "conversation": conversation, "pinned": True},
        {"kind": "conversation.history", "conversation": conversation, "before": message},
        {
            "kind": "message.send",
            "message": new,
            "content": "More",
            "conversation": conversation,
        },
        {"kind": "message.send", "message": message, "content": content, "conversation": None},
        {"kind": "generation.create", "message": message, "answer": new},
        {"kind": "generation.create", "message": message, "answer": accepted["answer"]},
        {"kind": "generation.continue", "generation": accepted["generation"]},
        {"kind": "generation.cancel", "conversation": conversation},
        {"kind": "generation.cancel", "generation": accepted["generation"]},
    ]


async def test_a_delete_stops_what_is_being_written(chat: Deployment) -> None:
    prompt = f"{uuid.uuid4()} [[fault=endless rate=50]]"
    async with chat.socket(alice := chat.sign_up("alice")) as socket, chat.socket(alice) as other:
        accepted = await socket.prompt(prompt)
        await socket.until_text(accepted["generation"], 30)
        await socket.prompt("And then?", accepted["conversation"])
        await socket.ask("conversation.delete", conversation=accepted["conversation"])
        await chat.evolution.until_closed(prompt)
        await socket.until_end(accepted["generation"])
        await other.until("conversation.deleted")
        for tab in (socket, other):
            await tab.settle()
            kinds = [frame["type"] for frame in tab.frames]
            after = kinds[kinds.index("conversation.deleted") :]
            assert "conversation.updated" not in after
    statuses = {generation.status for generation in chat.database.generations_of(alice)}
    assert statuses == {"cancelled"}


async def test_after_thirty_days_it_is_too_late_to_restore(chat: Deployment) -> None:
    async with chat.socket(chat.sign_up("alice")) as socket:
        conversation = (await answered(socket))["conversation"]
        await socket.ask("conversation.delete", conversation=conversation)
        chat.database.execute(
            "UPDATE chat_conversation SET deleted_at = '2020-01-01 00:00:00' WHERE id = %s",
            uuid.UUID(conversation).hex,
        )
        error = await socket.ask("conversation.restore", conversation=conversation)
    assert (error["code"], error["field"]) == ("not_found", "conversation")


# -- Refusals --------------------------------------------------------------------------------------


async def test_someone_elses_conversation_looks_like_none(chat: Deployment) -> None:
    async with chat.socket(chat.sign_up("alice")) as hers, chat.socket(chat.sign_up("bob")) as his:
        accepted = await answered(hers)
        before = chat.database.conversation(accepted["conversation"])
        for conversation in (accepted["conversation"], NOBODY):
            for command in (
                {"kind": "conversation.update", "title": "Mine"},
                {"kind": "conversation.delete"},
                {"kind": "conversation.restore"},
            ):
                error = await his.ask(**command, conversation=conversation)
                assert (error["code"], error["field"]) == ("not_found", "conversation")
        own = await answered(his)
        foreign = await his.ask(
            "conversation.update", conversation=own["conversation"], head=accepted["message"]
        )
    assert (foreign["code"], foreign["field"]) == ("not_found", "head")
    after = chat.database.conversation(accepted["conversation"])
    assert (after.title, after.revision) == (before.title, before.revision)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " \n"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"pinned": "yes"}, "pinned"),
        ({"archived": None}, "archived"),
        ({"head": "first"}, "head"),
        ({"model": "no/such"}, "model"),
        ({"params": {"temperature": 3}}, "params.temperature"),
        ({"params": {"stop": [""]}}, "params.stop[0]"),
        ({"params": None}, "params"),
        ({"tags": ["a", " "]}, "tags"),
        ({"tags": ["x" * 41]}, "tags[0]"),
        ({"tags": ["x"] * 21}, "tags"),
    ],
)
async def test_a_bad_change_names_its_field_and_nothing_is_stored(
    chat: Deployment, changes: dict[str, Any], field: str
) -> None:
    async with chat.socket(chat.sign_up("alice")) as socket:
        conversation = (await answered(socket))["conversation"]
        before = chat.database.conversation(conversation)
        error = await socket.ask(
            "conversation.update", conversation=conversation, **{"pinned": True, **changes}
        )
    assert (error["code"], error["field"]) == ("invalid", field)
    after = chat.database.conversation(conversation)
    assert (after.pinned, after.revision) == (False, before.revision)
