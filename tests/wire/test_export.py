"""An export over HTTP: made as it is taken, whole or seen to be cut, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from datetime import timedelta
from http.client import HTTPResponse, IncompleteRead
from typing import Any

import psutil
import pytest
from django.utils import timezone

from tests.support.deployment import Deployment
from tests.support.staff import Administrator
from tests.support.waiting import wait_until

MIB = 1024 * 1024
MESSAGES = 1500
REASONING_CHARS = 24 * 1024


@pytest.fixture
def root(either: Deployment) -> Administrator:
    """Give an administrator of a chat in which 36 MB were said."""
    either.database.long_conversation(either.sign_up("alice"), MESSAGES)
    # Its last messages are of a moment that is yet to come.
    either.database.execute(
        "UPDATE chat_message SET reasoning = %s, created_at = %s",
        "x" * REASONING_CHARS,
        f"{timezone.now() - timedelta(hours=1):%Y-%m-%d %H:%M:%S.%f}",
    )
    return Administrator(either)


def memory(chat: Deployment) -> int:
    rss: int = psutil.Process(chat.webs[0].pid).memory_info().rss
    return rss


def until(root: Administrator, export: str, state: str) -> dict[str, Any]:
    """Wait until an export is in that state, and say how far it is."""

    def told() -> Any:
        progress = root.get_json(f"{export}progress/")
        return progress if progress["state"] == state else None

    found: dict[str, Any] = wait_until(told, f"the export {state}")
    return found


def rest(download: HTTPResponse) -> None:
    """Read a download to its end, and find that this is none."""
    with pytest.raises((IncompleteRead, ConnectionError)):
        list(iter(lambda: download.read(MIB), b""))


def test_a_file_is_made_as_it_is_taken_and_ends_with_whoever_takes_it(
    either: Deployment, root: Administrator
) -> None:
    export = root.prepared("conversation")
    with root.post(f"{export}file/") as download:
        first = download.read(4 * MIB)
        before = memory(either)
        whole = b"".join([first, *iter(lambda: download.read(MIB), b"")])
        assert memory(either) - before < 24 * MIB
    conversation, end = [json.loads(line) for line in whole.splitlines()]
    assert len(whole) > MESSAGES * REASONING_CHARS
    assert [len(message["reasoning"]) for message in conversation["messages"]] == (
        [REASONING_CHARS] * MESSAGES
    )
    assert end == {"end": True, "rows": 1}
    assert until(root, export, "done")["rows"] == 1

    export = root.prepared("message", format="csv")
    with root.post(f"{export}file/") as download:
        download.read(MIB)
        told = root.get_json(f"{export}progress/")
        assert (told["state"], told["most"]) == ("running", MESSAGES)
    # It has gone, long before the end.
    assert 0 < until(root, export, "cut")["rows"] < MESSAGES

    export = root.prepared("message", format="csv")
    with root.post(f"{export}file/") as download:
        download.read(MIB)
        root.post(f"{export}cancel/").close()
        rest(download)
    assert until(root, export, "cancelled")["rows"] < MESSAGES

    export = root.prepared("message", format="csv")
    either.database.execute("ALTER TABLE chat_access RENAME TO chat_access_away")
    with pytest.raises(ConnectionError):
        root.post(f"{export}file/")
    assert until(root, export, "failed")["rows"] == 0
    # A server that dies of it looks after no connection any more.
    assert "has already been started" not in either.webs[0].output()
