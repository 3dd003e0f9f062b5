"""One export on its way out: each piece is counted and in the access log before it leaves."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from urllib.parse import unquote_plus
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import Error, transaction

from chat.exporting.reading import Piece, Reading
from chat.models import Access, Accessed, Conversation, Export, ExportState
from chat.threads import drop_locals

# Conversations whose entry need not be repeated: those shown last. Others get another one.
LOGGED_MOST = 20_000


class StoppedError(Exception):
    """Somebody cancelled the export, or closed the account of who takes it out."""


class Download:
    """The bytes of an export's file, for whoever sends them; one that has begun is closed at its end.

    Each piece is made in the thread and connection of the request, when the client has taken the one before. What raises on
    the way (a log that takes no entry, a cancel: `StoppedError`) ends the export, and the connection has to be cut.
    """

    def __init__(self, export: Export, reading: Reading, address: str) -> None:
        self._export = export
        self._reading = reading
        self._address = address
        self._logged: dict[UUID, None] = {}
        self._is_announced = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = self.pieces()
        while (piece := await sync_to_async(_next)(pieces)) is not None:
            yield piece

    def close(self) -> None:
        """Say that it was cut, unless it has ended: whoever was to take it has gone."""
        Export.objects.end(self._export, ExportState.CUT)

    def pieces(self) -> Iterator[bytes]:
        """Make the file, piece by piece."""
        try:
            for piece in self._reading.pieces():
                data = piece.text.encode()
                self._note(piece, len(data))
                # An empty chunk would be the end.
                if data:
                    yield data
        except StoppedError:
            raise
        except Exception:
            # What the database would not take it may not take now.
            with contextlib.suppress(Error):
                Export.objects.end(self._export, ExportState.FAILED)
            raise
        # The client has taken the last piece, or this would not have been asked for.
        Export.objects.end(self._export, ExportState.DONE)

    def _note(self, piece: Piece, size: int) -> None:
        """Count a piece and log whose conversations are in it, both or neither. Raises `StoppedError`."""
        fresh = self._not_logged(piece.conversations)
        with transaction.atomic():
            if not Export.objects.advance(self._export, rows=piece.rows, size=size):
                raise StoppedError(self._export.pk)
            # The first entry names nobody: it says that an export began, whatever that finds.
            if fresh or not self._is_announced:
                self._record(fresh)
        self._is_announced = True
        self._remember(fresh)

    def _record(self, shown: list[Conversation]) -> None:
        Access.objects.record(
            self._export.who,
            Accessed.EXPORT,
            shown,
            query=unquote_plus(self._export.query),
            address=self._address,
            reasons=dict.fromkeys((str(each.pk) for each in shown), self._export.reason),
        )

    def _not_logged(self, conversations: list[Conversation]) -> list[Conversation]:
        return [each for each in conversations if each.pk not in self._logged]

    def _remember(self, fresh: list[Conversation]) -> None:
        self._logged.update(dict.fromkeys(each.pk for each in fresh))
        while len(self._logged) > LOGGED_MOST:
            del self._logged[next(iter(self._logged))]


def _next(pieces: Iterator[bytes]) -> bytes | None:
    try:
        return next(pieces, None)
    except BaseException as error:
        drop_locals(error)
        raise
