"""Bad input: the stated error, nothing stored, nothing leaked, and the socket lives."""

import json
import uuid
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from tests.support.deployment import Deployment
from tests.support.wire import Wire, wire

SEND = {"message": str(uuid.uuid4()), "content": "Hello", "conversation": None}


async def refused_status(chat: Deployment, cookie: str, origin: str | None = None) -> int:
    with pytest.raises(InvalidStatus) as refusal:
        async with wire(chat.webs[0].ws_url, cookie, origin):
            pass
    return refusal.value.response.status_code


async def test_nobody_gets_in_without_a_session(chat: Deployment) -> None:
    assert await refused_status(chat, "") == 403
    assert await refused_status(chat, "evochat_session=made-up") == 403


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1:1", "https://127.0.0.1"]
)
async def test_nobody_gets_in_from_a_foreign_page(chat: Deployment, origin: str) -> None:
    alice = chat.sign_up("alice")
    assert await refused_status(chat, alice.cookie, origin) == 403


async def test_nobody_gets_in_from_a_page_without_an_origin(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    assert await refused_status(chat, alice.cookie, "null") == 403


async def test_a_deactivated_user_does_not_get_in(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    chat.database.execute("UPDATE chat_user SET is_active = %s WHERE id = %s", False, alice.user.pk)
    assert await refused_status(chat, alice.cookie) == 403


@pytest.mark.parametrize("neighbour", ['prefs={"a": 1}; ', "a b=c d; ", "=x; ", "a=\u00e9; "])
async def test_a_neighbours_odd_cookie_keeps_nobody_out(chat: Deployment, neighbour: str) -> None:
    alice = chat.sign_up("alice")
    async with wire(chat.webs[0].ws_url, neighbour + alice.cookie) as socket:
        await socket.until("session.ready")


async def answer_to(socket: Wire, frame: str | bytes) -> dict[str, Any]:
    await socket.send_raw(frame)
    return await socket.receive()


@pytest.mark.parametrize(
    ("frame", "code", "field"),
    [
        ("{", "bad_frame", None),
        ("[]", "bad_frame", None),
        ("[" * 100_000, "bad_frame", None),
        ('"text"', "bad_frame", None),
        (b"\x00\x01", "bad_frame", None),
        ("{}", "bad_frame", "type"),
        ('{"type": 5}', "bad_frame", "type"),
        ('{"type": "conversation.explode"}', "unknown_command", "type"),
        ('{"type": "session.ready"}', "unknown_command", "type"),
        ({"type": "message.send"}, "invalid", "message"),
        ({"type": "message.send", **SEND, "message": "no-uuid"}, "invalid", "message"),
        ({"type": "message.send", **SEND, "content": 5}, "invalid", "content"),
        ({"type": "message.send", **SEND, "content": ""}, "invalid", "content"),
        ({"type": "message.send", **SEND, "content": " \n\t"}, "invalid", "content"),
        ({"type": "message.send", **SEND, "content": "x" * 100_001}, "too_long", "content"),
        ({"type": "message.send", **SEND, "content": "x" * 300_000}, "too_long", None),
        ({"type": "message.send", **SEND, "model": "no/such"}, "invalid", "model"),
        ({"type": "message.send", **SEND, "params": {"top_p": 3}}, "invalid", "params.top_p"),
        ({"type": "message.send", **SEND, "params": {"stop": ["a"] * 5}}, "invalid", "params.stop"),
        ({"type": "message.send", **SEND, "parent": str(uuid.uuid4())}, "not_found", "parent"),
        ({"type": "generation.cancel"}, "invalid", None),
        ({"type": "conversation.subscribe", "conversation": 7}, "invalid", "conversation"),
    ],
)
async def test_a_bad_frame_gets_its_error_and_nothing_is_stored(
    chat: Deployment, frame: Any, code: str, field: str | None
) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        raw = frame if isinstance(frame, str | bytes) else json.dumps(frame)
        error = await answer_to(socket, raw)
        assert (await socket.ask("ping"))["type"] == "pong"
    assert (error["type"], error["code"], error.get("field")) == ("error", code, field)
    assert chat.database.messages_of(alice) == []
    assert chat.database.conversations_of(alice) == []


async def test_a_frame_over_the_limit_closes_the_socket(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        await socket.send_raw("x" * (1024 * 1024 + 1))
        with pytest.raises(ConnectionClosedError) as closed:
            await socket.receive()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


async def flood(socket: Wire) -> None:
    for _ in range(201):
        await socket.send("ping")
    await socket.until("never")


async def test_a_flood_closes_the_socket(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        with pytest.raises(ConnectionClosedError) as closed:
            await flood(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4429


async def test_what_is_someone_elses_looks_like_what_is_not_there(chat: Deployment) -> None:
    alice, bob = chat.sign_up("alice"), chat.sign_up("bob")
    async with chat.socket(alice) as hers, chat.socket(bob) as his:
        accepted = await hers.prompt(f"{uuid.uuid4()} [[fault=endless rate=20]]")
        await hers.until_text(accepted["generation"], 6)
        nobody = str(uuid.uuid4())

        def commands(conversation: str, message: str, generation: str) -> list[dict[str, Any]]:
            new = str(uuid.uuid4())
            return [
                {"kind": "message.send", **SEND, "message": new, "conversation": conversation},
                {"kind": "generation.create", "message": message, "answer": new},
                {"kind": "generation.continue", "generation": generation},
                {"kind": "generation.cancel", "generation": generation},
                {"kind": "generation.cancel", "message": message},
                {"kind": "generation.cancel", "conversation": conversation},
                {"kind": "conversation.subscribe", "conversation": conversation},
                {
                    "kind": "conversation.history",
                    "conversation": conversation,
                    "before": message,
                },
            ]

        ids = accepted["conversation"], accepted["message"], accepted["generation"]
        foreign = [await his.ask(**command) for command in commands(*ids)]
        missing = [await his.ask(**command) for command in commands(nobody, nobody, nobody)]
        for each in foreign + missing:
            del each["command_id"]
        assert foreign == missing
        assert {each["code"] for each in foreign} == {"not_found"}
        await hers.until("generation.delta", generation=accepted["generation"])
        await his.settle()
        assert all(accepted["generation"] not in str(frame) for frame in his.frames)
        await hers.ask("generation.cancel", generation=accepted["generation"])
        await hers.until_end(accepted["generation"])
    assert chat.database.messages_of(bob) == []


async def test_half_a_surrogate_pair_and_a_nul_are_replaced(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    command = {"type": "message.send", **SEND, "message": str(uuid.uuid4())}
    async with chat.socket(alice) as socket:
        await socket.send_raw(
            json.dumps({**command, "content": "a\ud800b\x00c [[chunks=1 rate=0]]"})
        )
        accepted = await socket.until("message.accepted")
        await socket.until_end(accepted["generation"])
    stored = chat.database.message(accepted["message"]).content
    assert stored == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c [[chunks=1 rate=0]]"
