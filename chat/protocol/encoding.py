"""From an event to the text of a frame."""

import msgspec

from chat.protocol.events import Event

_encoder = msgspec.json.Encoder(uuid_format="canonical")


def encode(event: Event) -> str:
    """Write one event as the text of a frame."""
    text: str = _encoder.encode(event).decode()
    return text
