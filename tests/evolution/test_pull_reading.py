"""One read of the network for each window of the caller, and never a lost tail."""

import asyncio

import pytest

from chat.evolution import Provider
from scripted_evolution import ScriptedEvolution
from tests.evolution.asking import ask, collect, provider_of, question, words


async def test_what_arrived_during_the_window_is_read_together(
    server: ScriptedEvolution, provider: Provider
) -> None:
    async def window() -> None:
        await server.release()
        await server.wait_for(lambda record: record.finished)
        await settled()

    answer = await ask(provider, "chunks=50 rate=0 hold=1", ready=window)
    # The system may hand over the bytes of one window in a few pieces, never chunk by chunk.
    assert len(answer.deltas) <= 5
    assert answer.content == words(50)


async def test_the_window_opens_after_the_first_delta_only(
    server: ScriptedEvolution, provider: Provider
) -> None:
    windows = 0

    async def window() -> None:
        nonlocal windows
        windows += 1

    stream = provider.stream(question("chunks=3 rate=0 hold=1"), ready=window)
    await anext(stream)
    assert windows == 0
    await server.release()
    await collect(stream)
    assert windows > 0


@pytest.mark.parametrize("fault", ["eof", "half_line", "done_without_finish", "error_event"])
@pytest.mark.parametrize("run", range(5))
async def test_a_broken_stream_loses_nothing_that_was_received(
    server: ScriptedEvolution, provider: Provider, fault: str, run: int
) -> None:
    async def window() -> None:
        """Read again only when the connection has broken under bytes nobody has read."""
        await server.release()
        await server.wait_for(lambda record: record.ended_at is not None)
        await settled()

    answer = await ask(provider, f"fault={fault} at=40 hold=1 chunks=50 rate=0", ready=window)
    assert answer.content == words(40)
    assert answer.error is not None


async def settled() -> None:
    """Give the loop the turns it needs to deliver what the server has sent, and its end."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_the_time_of_the_window_is_not_the_provider_s(server: ScriptedEvolution) -> None:
    provider = provider_of(server, idle_timeout_s=0.2)

    async def window() -> None:
        await server.release()
        await asyncio.sleep(0.3)

    answer = await ask(provider, "chunks=3 rate=0 hold=1", ready=window)
    assert (answer.content, answer.code) == (words(3), None)
    await provider.aclose()


async def test_an_error_of_the_window_is_the_caller_s_and_closes_the_connection(
    server: ScriptedEvolution, provider: Provider
) -> None:
    async def window() -> None:
        raise RuntimeError("the database is gone")

    with pytest.raises(RuntimeError, match="the database is gone"):
        await ask(provider, "fault=endless rate=100", ready=window)
    await server.wait_for(lambda record: record.closed_by_client, timeout_s=1)
