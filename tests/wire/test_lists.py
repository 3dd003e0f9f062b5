"""What a page reads: the list of conversations and what is above the window of messages."""

import pytest

from tests.support.deployment import Deployment


async def test_conversations_are_listed_newest_first_page_by_page(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        made = []
        for number in range(53):
            accepted = await socket.prompt(f"Number {number} [[chunks=1 rate=0]]")
            await socket.until_end(accepted["generation"])
            made.append(accepted["conversation"])
            if number % 40 == 39:
                await socket.settle()
        first = await socket.ask("conversation.list")
        second = await socket.ask("conversation.list", before=first["before"])
    listed = [each["id"] for each in first["conversations"] + second["conversations"]]
    assert listed == made[::-1]
    assert len(first["conversations"]) == 50
    assert second["before"] is None


NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    "cursor", ["yesterday", f"~{NOBODY}", "2026-01-01", f"0001-01-01T00:00:00+14:00~{NOBODY}"]
)
async def test_a_cursor_that_is_none_is_refused(chat: Deployment, cursor: str) -> None:
    async with chat.socket(chat.sign_up("alice")) as socket:
        error = await socket.ask("conversation.list", before=cursor)
    assert (error["code"], error["field"]) == ("invalid", "before")


async def test_a_long_conversation_opens_at_its_end_and_the_rest_is_above(
    chat: Deployment,
) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        conversation, sent = None, []
        for _ in range(28):
            accepted = await socket.prompt("[[chunks=1 rate=0]]", conversation)
            await socket.until_end(accepted["generation"])
            conversation = accepted["conversation"]
            sent += [accepted["message"], accepted["answer"]]
        snapshot = await socket.ask("conversation.subscribe", conversation=conversation)
        window = [message["id"] for message in snapshot["messages"]]
        above = await socket.ask(
            "conversation.history", conversation=conversation, before=window[0]
        )
    assert window == sent[-50:]
    assert [message["id"] for message in above["messages"]] == sent[:-50]


async def test_the_owners_other_sockets_hear_of_a_new_conversation(chat: Deployment) -> None:
    alice, bob = chat.sign_up("alice"), chat.sign_up("bob")
    async with chat.socket(alice) as first, chat.socket(alice) as other, chat.socket(bob) as his:
        accepted = await first.prompt("Tell me of  the sea [[chunks=1 rate=0]]")
        created = await other.until("conversation.created")
        updated = await other.until("conversation.updated")
        await his.settle()
    assert created["conversation"]["id"] == accepted["conversation"]
    assert created["conversation"]["title"].startswith("Tell me of the sea")
    assert updated["conversation"]["revision"] > created["conversation"]["revision"]
    assert [frame["type"] for frame in his.frames] == ["session.ready", "pong"]
