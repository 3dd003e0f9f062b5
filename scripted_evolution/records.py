"""What the server remembers of each request, for tests to look at."""

from typing import Any, Literal

import msgspec

AuthorizationKind = Literal["none", "api_key", "iam"]


class Record(msgspec.Struct):
    """One request of a client; the server keeps it up to date while it answers.

    `started_at` and `ended_at` are seconds since the epoch. `chunks_sent` counts chunks that
    carry reasoning or content. `held` is true while the answer waits for a release.
    """

    id: int
    path: str
    model: str | None
    body: Any
    started_at: float
    authorization_kind: AuthorizationKind
    chunks_sent: int = 0
    held: bool = False
    finished: bool = False
    closed_by_client: bool = False
    ended_at: float | None = None
