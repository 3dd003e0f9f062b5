"""Bytes of the network to lines, whatever way they were cut."""

LINE_BYTES_MAX = 1024 * 1024


class LineTooLongError(Exception):
    """A line is longer than `LINE_BYTES_MAX`: no chunk is, so this is not a stream of chunks."""


class LineSplitter:
    """Cuts a byte stream at LF or CR LF and keeps the unfinished line for the next call."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that `data` completes, without their ends.

        Raises `LineTooLongError` when the unfinished line grows too long.
        """
        lines = (self._rest + data if self._rest else data).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > LINE_BYTES_MAX:
            raise LineTooLongError
        return lines

    def rest(self) -> bytes:
        """Return the line that no line end has completed, and forget it."""
        rest, self._rest = self._rest, b""
        return rest
