"""Connections that give up on a server which says nothing.

A server that is frozen keeps its kernel, and that acknowledges whatever is sent: neither TCP nor the server's own
`statement_timeout` ends such a wait. Nor does anything end it behind a link that has lost the question.
"""

from __future__ import annotations

from typing import Any, TypeVar

import psycopg
from django.db.backends.postgresql import base
from psycopg.errors import _WaitTimeout

T = TypeVar("T")

# More than `statement_timeout`: a server that lives would have said so.
SILENCE_MAX_S = 35.0


class PatientConnection(psycopg.Connection[Any]):
    """Waits `silence_max_s` seconds for the answer to one statement, then closes and raises.

    What that statement did is not known: it may take effect when the server wakes.
    """

    silence_max_s = SILENCE_MAX_S

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.silence_max_s)
        except _WaitTimeout:
            self.pgconn.finish()
            words = f"the database has said nothing for {self.silence_max_s:g} s"
            raise psycopg.OperationalError(words) from None


class _Psycopg:
    """The module psycopg as Django's backend uses it, except for who connects."""

    connect = PatientConnection.connect

    def __getattr__(self, name: str) -> Any:
        return getattr(psycopg, name)


class DatabaseWrapper(base.DatabaseWrapper):
    """`silence_max_s` is for the connections it opens from then on."""

    Database: Any = _Psycopg()
    silence_max_s = SILENCE_MAX_S

    def get_new_connection(self, conn_params: dict[str, Any]) -> PatientConnection:
        connection: PatientConnection = super().get_new_connection(conn_params)
        connection.silence_max_s = self.silence_max_s
        return connection
