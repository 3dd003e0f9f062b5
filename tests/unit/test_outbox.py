"""What waits for one socket is bounded, and replies wait for room."""

import asyncio

from chat.outbox import ROOM_CHARS, WAITING_MAX_CHARS, Outbox

EVENT = "x" * 1000


class Ended:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


async def sent_by(outbox: Outbox, frames: int) -> list[str]:
    """Run it until so many frames were sent."""
    sent: list[str] = []
    enough = asyncio.Event()

    async def send(frame: str) -> None:
        sent.append(frame)
        if len(sent) == frames:
            enough.set()

    running = asyncio.create_task(outbox.run(send))
    async with asyncio.timeout(5):
        await enough.wait()
    running.cancel()
    return sent


async def test_frames_leave_in_their_order() -> None:
    outbox = Outbox(Ended())
    outbox.put("event")
    outbox.put_reply("reply")
    outbox.put_reply("ready", first=True)
    assert await sent_by(outbox, 3) == ["ready", "event", "reply"]


async def test_too_many_events_overflow_once_and_drop_everything() -> None:
    ended = Ended()
    outbox = Outbox(ended)
    for _ in range(WAITING_MAX_CHARS // len(EVENT)):
        outbox.put(EVENT)
    assert ended.times == 0
    for _ in range(3):
        outbox.put(EVENT)
    assert ended.times == 1
    outbox.put_reply("late")
    assert not outbox._frames


async def test_a_long_reply_is_no_overflow_nor_are_the_events_after_it() -> None:
    ended = Ended()
    outbox = Outbox(ended)
    outbox.put_reply("x" * (2 * WAITING_MAX_CHARS))
    outbox.put(EVENT)
    assert ended.times == 0


async def test_one_long_event_is_taken() -> None:
    ended = Ended()
    outbox = Outbox(ended)
    outbox.put("x" * (2 * WAITING_MAX_CHARS))
    assert ended.times == 0
    outbox.put(EVENT)
    assert ended.times == 1


async def test_what_was_sent_does_not_count() -> None:
    ended = Ended()
    outbox = Outbox(ended)
    for _ in range(3):
        outbox.put("x" * (WAITING_MAX_CHARS - 1))
        await sent_by(outbox, 1)
    assert ended.times == 0


async def test_there_is_room_again_when_a_long_reply_has_left() -> None:
    outbox = Outbox(Ended())
    async with asyncio.timeout(5):
        await outbox.room()
        outbox.put_reply("x" * (ROOM_CHARS + 1))
        waiting = asyncio.create_task(outbox.room())
        await asyncio.sleep(0)
        assert not waiting.done()
        await sent_by(outbox, 1)
        await waiting
