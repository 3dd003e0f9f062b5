"""Who is forgotten while an answer is being written: it is stopped, then all of it goes."""

import asyncio
import contextlib
import uuid

from websockets.exceptions import ConnectionClosed

from tests.support.deployment import Deployment
from tests.support.processes import Process
from tests.support.wire import Wire


async def run(chat: Deployment, *command: str) -> str:
    process: Process = chat.processes.manage(*command, name=command[0], env=chat.env)
    assert await asyncio.to_thread(process.wait, 60) == 0, process.output()
    return process.output()


async def listen(socket: Wire) -> None:
    """Take what comes, as a page does, until the socket is closed."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await socket.receive(within_s=60)


async def test_a_live_answer_is_cancelled_before_its_owners_data_go(either: Deployment) -> None:
    alice, bob = either.sign_up("alice"), either.sign_up("bob")
    prompts = {person: f"{uuid.uuid4()} [[fault=endless rate=30]]" for person in (alice, bob)}
    async with either.socket(alice) as hers, either.socket(bob) as his:
        live = await hers.prompt(prompts[alice])
        other = await his.prompt(prompts[bob])
        await hers.until_text(live["generation"], 30)
        await his.until_text(other["generation"], 30)

        async with asyncio.TaskGroup() as both:
            listens = both.create_task(listen(hers))
            talks = both.create_task(listen(his))
            said = await run(either, "forget_user", alice.user.username)
            async with asyncio.timeout(20):
                await listens
            talks.cancel()

        assert said.split("conversations")[1].split()[0] == "1"
        assert hers.connection.close_code == 4401
        await either.evolution.until_closed(prompts[alice])
        assert either.database.conversations_of(alice) == []
        assert either.database.generations_of(alice) == []
        assert either.database.deltas_of(alice) == []

        shown = len(his.shown(other["generation"]))
        await his.until_text(other["generation"], shown + 30)
        await his.ask("generation.cancel", generation=other["generation"])
        assert (await his.until_end(other["generation"]))["type"] == "generation.cancelled"
    log = "\n".join(process.output() for process in either.webs)
    assert "Traceback" not in log
