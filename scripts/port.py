"""End with one line when the port that the server is to listen on is taken: before anything is set up for it."""

import errno
import socket
import sys


def main() -> None:
    given = sys.argv[1]
    if not given.isdecimal() or not 0 < int(given) < 65536:
        sys.exit(f"evochat: PORT={given} is not a port number")
    with socket.socket() as probe:
        # As the server does: a port whose last connections are only winding down is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(given)))
        except OSError as error:
            sys.exit(f"evochat: {_reason(error, given)}")


def _reason(error: OSError, port: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use; choose another: make run PORT={int(port) % 65535 + 1}"
    return f"port {port} cannot be used: {error.strerror}"


if __name__ == "__main__":
    main()
