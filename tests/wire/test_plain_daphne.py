"""`daphne evochat.asgi:application` works too, without what `manage.py serve` adds."""

import sys

from tests.support.deployment import Deployment
from tests.support.processes import Processes
from tests.support.waiting import free_port
from tests.support.wire import assert_contiguous, wire


async def test_a_conversation_is_held_over_plain_daphne(
    chat: Deployment, processes: Processes
) -> None:
    port = free_port()
    daphne = processes.start(
        sys.executable,
        *("-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "evochat.asgi:application"),
        name="daphne",
        env={"DJANGO_INSECURE_HTTP": "1", **chat.env},
    )
    daphne.wait_for_port(port)
    alice = chat.sign_up("alice")
    async with wire(f"ws://127.0.0.1:{port}/ws/chat/", alice.cookie) as socket:
        await socket.until("session.ready", within_s=30)
        accepted = await socket.prompt("[[chunks=30 rate=100]]")
        end = await socket.until_end(accepted["generation"])
    assert end["type"] == "generation.completed"
    assert_contiguous(socket.frames, accepted["generation"])
    stored = chat.database.message(accepted["answer"]).content
    assert socket.shown(accepted["generation"]) == stored
    assert len(stored.split()) == 30
