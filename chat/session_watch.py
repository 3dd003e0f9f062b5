"""Closes the sockets of sessions that have ended: a handshake is no leave to stay for ever."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from chat.protocol import CloseCode
from chat.sessions import Login, ended_logins
from chat.threads import DATABASE_DOWN, DatabaseThreads

log = logging.getLogger(__name__)

# How long a socket may outlive its session, in the processes that did not hear of its end.
LOOK_EVERY_S = 3.0


class Socket(Protocol):
    """One connection of someone signed in."""

    def end(self, code: int) -> None:
        """Close it; must not block or raise."""


class SessionWatch:
    """Knows on what each socket of the process is based, and looks every few seconds whether that holds.

    One look for all of them, in a thread of its own. While the database is away nothing is closed.
    """

    def __init__(self) -> None:
        self._threads = DatabaseThreads("sessions")
        self._sockets: dict[Socket, Login] = {}
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._look_again_and_again())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel("the watch over sessions stops")
            await asyncio.gather(self._task, return_exceptions=True)
        await self._threads.close()

    def join(self, socket: Socket, login: Login) -> None:
        self._sockets[socket] = login

    def leave(self, socket: Socket) -> None:
        self._sockets.pop(socket, None)

    def end_session(self, session_key: str) -> None:
        """Close at once what is based on a session that ends here; may be called from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end_session, session_key)

    def _end_session(self, session_key: str) -> None:
        self._end({login for login in self._sockets.values() if login.session_key == session_key})

    async def _look_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self._look()
            except DATABASE_DOWN as error:
                log.debug("nobody's session is looked at, the database is down: %s", error)
            except Exception:
                # The next look may succeed, and there must be one.
                log.exception("could not look for ended sessions")

    async def _look(self) -> None:
        if logins := set(self._sockets.values()):
            self._end(await self._threads.run(ended_logins, logins))

    def _end(self, ended: set[Login]) -> None:
        for socket, login in list(self._sockets.items()):
            if login in ended:
                socket.end(CloseCode.SESSION_ENDED)
