"""A WebSocket client that takes from the network exactly what a test says."""

import json
import socket
from typing import Any
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

# Of the kernel's receive buffer: small, so that a client that does not read is soon noticed.
RECEIVE_BUFFER_BYTES = 8 * 1024
WAIT_S = 20.0


class SlowClient:
    """Reads only when told to; the rest stays with the server, beyond what the kernel holds."""

    def __init__(self, url: str, **headers: str) -> None:
        address = urlsplit(url)
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        self._socket.settimeout(WAIT_S)
        self._socket.connect((address.hostname, address.port))
        self._protocol = ClientProtocol(parse_uri(url), max_size=None)
        self.frames: list[Frame] = []
        request = self._protocol.connect()
        for name, value in headers.items():
            request.headers[name] = value
        self._protocol.send_request(request)
        self._flush()
        while self._protocol.state is State.CONNECTING:
            assert self.take(1024), "the handshake was refused"

    def __enter__(self) -> "SlowClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, **command: Any) -> None:
        self._protocol.send_text(json.dumps(command, default=str).encode())
        self._flush()

    def send_message(self, size: int, frame_bytes: int) -> None:
        """Send a text of `size` bytes in frames of `frame_bytes`, as far as the server takes it."""
        for sent in range(0, size, frame_bytes):
            send = self._protocol.send_continuation if sent else self._protocol.send_text
            send(b"x" * frame_bytes, fin=sent + frame_bytes >= size)
            self._flush()

    def take(self, size: int) -> int:
        """Read at most `size` bytes and return how many came; 0: the connection is over."""
        try:
            data = self._socket.recv(size)
        except ConnectionError:
            return 0
        self._protocol.receive_data(data) if data else self._protocol.receive_eof()
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                self.frames.append(event)
        self._flush()
        return len(data)

    def take_all(self) -> int | None:
        """Read to the end of the connection and return the close code, None without a close frame."""
        while self.take(1 << 16):
            pass
        return self._protocol.close_rcvd.code if self._protocol.close_rcvd else None

    def text_bytes(self) -> int:
        texts = (Opcode.TEXT, Opcode.CONT)
        return sum(len(frame.data) for frame in self.frames if frame.opcode in texts)

    def events(self) -> list[dict[str, Any]]:
        return [
            json.loads(bytes(frame.data)) for frame in self.frames if frame.opcode is Opcode.TEXT
        ]

    def _flush(self) -> None:
        try:
            for data in self._protocol.data_to_send():
                if data:
                    self._socket.sendall(data)
        except ConnectionError:
            # What was received before that is still to be read.
            return
