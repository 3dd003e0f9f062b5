"""Bytes of the network to lines, whatever way they were cut."""

import itertools

LINE_BYTES_MAX = 1024 * 1024


class LineSplitter:
    """Cuts a byte stream at LF or CR LF and keeps the unfinished line for the next call.

    `overflowed` is true once a line has grown longer than `LINE_BYTES_MAX`: no chunk does, so
    that is not a stream of chunks, and neither this line nor what follows is given out.
    """

    def __init__(self) -> None:
        self.overflowed = False
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that `data` completes, without their ends."""
        text = self._rest + data if self._rest else data
        lines = text.split(b"\n")
        self._rest = lines.pop()
        return lines if len(text) <= LINE_BYTES_MAX else self._whole(lines)

    def _whole(self, lines: list[bytes]) -> list[bytes]:
        """Return the lines before one that is too long, if there is one."""
        fitting = list(itertools.takewhile(lambda line: len(line) <= LINE_BYTES_MAX, lines))
        self.overflowed = len(fitting) < len(lines) or len(self._rest) > LINE_BYTES_MAX
        if self.overflowed:
            self._rest = b""
        return fitting

    def rest(self) -> bytes:
        """Return the line that no line end has completed, and forget it."""
        rest, self._rest = self._rest, b""
        return rest
