"""What travels from where something happened to the sockets that watch: frames, and their place.

A conversation's changes are ordered by its `revision`, a generation's events by their `step`:
0 created, 1 started, then `seq + 1` for each delta and for the terminal event. The end of one that was
cancelled while it queued is its step 1: with any other it could be taken for an end whose start is late.
"""

from collections.abc import Iterable
from uuid import UUID

import msgspec

CREATED = 0
STARTED = 1
CANCELLED_WHILE_QUEUED = 1


def step_of(seq: int) -> int:
    return seq + 1


class Envelope(msgspec.Struct, frozen=True, array_like=True):
    """Encoded frames for the sockets that watch `conversation`, and where in its order they belong.

    `owner_frame` goes to the owner's other sockets. An `aside` has no place of its own: it is worth
    telling only while its generation is at `step`.
    """

    conversation: UUID
    frames: list[str]
    revision: int | None = None
    generation: UUID | None = None
    step: int | None = None
    ends: bool = False
    aside: bool = False
    owner: int | None = None
    owner_frame: str | None = None


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Envelope])


def pack(envelopes: Iterable[Envelope]) -> bytes:
    return _encoder.encode(list(envelopes))


def unpack(packed: bytes) -> list[Envelope]:
    return _decoder.decode(packed)
