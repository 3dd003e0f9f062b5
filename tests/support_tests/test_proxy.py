"""The link of the fault tests does what it says, or a scenario would prove nothing."""

import asyncio
import gc
import socket
import struct
import time
import warnings
from collections.abc import AsyncIterator

import pytest

from tests.support.proxy import Proxy
from tests.support.waiting import eventually


@pytest.fixture
async def echo() -> AsyncIterator[int]:
    """Give the port of a server that sends back what it gets."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while block := await reader.read(65536):
            writer.write(block)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
async def link(echo: int) -> AsyncIterator[Proxy]:
    proxy = await asyncio.to_thread(Proxy(echo).start)
    yield proxy
    await asyncio.to_thread(proxy.stop)


class Client:
    def __init__(self, link: Proxy) -> None:
        self.link = link

    async def __aenter__(self) -> "Client":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.link.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def say(self, text: bytes) -> bytes:
        self.writer.write(text)
        return await self.hear(len(text))

    async def hear(self, length: int, within_s: float = 5) -> bytes:
        async with asyncio.timeout(within_s):
            return await self.reader.readexactly(length)


async def ask_once(link: Proxy) -> bytes:
    async with Client(link) as client:
        return await client.say(b"anyone?")


async def test_it_carries_both_ways_and_counts(link: Proxy) -> None:
    async with Client(link) as client:
        assert await client.say(b"hello") == b"hello"
        # Counted when it has gone out, which the one who hears it may be ahead of.
        await eventually(lambda: link.carried == {"up": 5, "down": 5}, "both ways are counted")
        assert link.connections == 1


async def test_an_end_of_one_way_reaches_the_other_side_after_all_bytes(link: Proxy) -> None:
    async with Client(link) as client:
        client.writer.write(b"last words")
        client.writer.write_eof()
        assert await client.reader.read() == b"last words"


@pytest.mark.parametrize("reset", [False, True])
async def test_cut_ends_connections_and_refuses_new_ones(link: Proxy, reset: bool) -> None:
    async with Client(link) as client:
        await client.say(b"hello")
        await asyncio.to_thread(link.cut, reset=reset)
        if reset:
            with pytest.raises(ConnectionResetError):
                await client.hear(1)
        else:
            assert await client.reader.read() == b""
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await ask_once(link)
    await asyncio.to_thread(link.restore)
    async with Client(link) as again:
        assert await again.say(b"hello") == b"hello"


async def test_a_server_that_resets_is_no_silence(link: Proxy) -> None:
    async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    server = await asyncio.start_server(reset, "127.0.0.1", 0)
    link.target = server.sockets[0].getsockname()[1]
    async with Client(link) as client:
        with pytest.raises(ConnectionResetError):
            await client.hear(1)
    server.close()


async def test_a_black_hole_takes_and_loses(link: Proxy) -> None:
    async with Client(link) as client:
        await client.say(b"hello")
        await asyncio.to_thread(link.black_hole, "down")
        client.writer.write(b"lost")
        with pytest.raises(TimeoutError):
            await client.hear(1, within_s=0.2)
        await asyncio.to_thread(link.restore)
        assert await client.say(b"heard") == b"heard"


async def test_a_frozen_link_keeps_everything_for_later(link: Proxy) -> None:
    async with Client(link) as client:
        await asyncio.to_thread(link.freeze)
        client.writer.write(b"kept")
        with pytest.raises(TimeoutError):
            await client.hear(1, within_s=0.2)
        await asyncio.to_thread(link.restore)
        assert await client.hear(4) == b"kept"


async def test_a_delay_keeps_the_order_and_a_throttle_the_rate(link: Proxy) -> None:
    async with Client(link) as client:
        await asyncio.to_thread(link.delay, 0.1)
        began = time.monotonic()
        assert await client.say(b"one") + await client.say(b"two") == b"onetwo"
        assert time.monotonic() - began >= 0.4
        await asyncio.to_thread(link.restore)
        await asyncio.to_thread(link.throttle, 10_000, "down")
        began = time.monotonic()
        assert len(await client.say(b"x" * 5_000)) == 5_000
        assert time.monotonic() - began >= 0.4


def test_nothing_is_left_open_of_connections_that_come_as_it_stops() -> None:
    with warnings.catch_warnings(record=True) as unclosed, socket.create_server(("", 0)) as target:
        warnings.simplefilter("always", ResourceWarning)
        for _ in range(50):
            proxy = Proxy(target.getsockname()[1]).start()
            clients = [socket.create_connection(("127.0.0.1", proxy.port)) for _ in range(3)]
            proxy.stop()
            for client in clients:
                client.close()
        del proxy
        gc.collect()
    assert [str(each.message) for each in unclosed] == []
