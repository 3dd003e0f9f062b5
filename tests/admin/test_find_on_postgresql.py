"""Finding in the admin on PostgreSQL: what a page shows, and that every list is found by indexes."""

from __future__ import annotations

import subprocess
import sys
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from pytest_django import DjangoDbBlocker

from tests.support.deployment import Deployment, deployed
from tests.support.environment import clean_environment
from tests.support.paths import ROOT
from tests.support.processes import Processes


def test_a_search_marks_what_matched_in_all_its_forms(
    processes: Processes, postgres_url: str, django_db_blocker: DjangoDbBlocker
) -> None:
    with deployed(processes, postgres_url, django_db_blocker) as chat:
        chat.add_web()
        bob = chat.database.sign_up_staff("bob")
        chat.database.long_conversation(bob, 120)

        def page(path: str, **query: str) -> str:
            return _read(chat, f"/admin/chat/{path}/?{urlencode(query)}", bob.cookie)

        for path in ("conversation", "message"):
            # Typed in another form than written.
            shown = page(path, q="columns -prompt", user=bob.user.username)
            assert "| <mark>column</mark> | value |" in shown
            assert "#message-" in shown
        assert page("message", q="columns").count("<mark>column</mark>") == 50
        assert "Nothing was found." in page("message", q='"value column"')
        assert "Nobody&#x27;s name begins so" in page("message", q="columns", user="nobody")
        assert page("generation", q="columns", seconds_from="2").count('class="field-total') == 50
        assert "Nothing was found." in page("generation", q="columns", seconds_from="4")


def _read(chat: Deployment, path: str, cookie: str) -> str:
    request = Request(f"{chat.webs[0].url}{path}", headers={"Cookie": cookie})
    with urlopen(request, timeout=30) as answer:
        text: str = answer.read().decode()
    return text


def test_each_list_filter_and_search_is_found_by_indexes(postgres_url: str) -> None:
    """The benchmark itself, over a small record: how long it takes says nothing beside other tests."""
    command = [sys.executable, "-m", "benchmarks.admin", "--messages", "20000", "--rounds", "1"]
    run = subprocess.run(
        [*command, "--only", "message"],
        cwd=ROOT,
        env=clean_environment({"DATABASE_URL": postgres_url}),
        capture_output=True,
        text=True,
        check=False,
    )

    lines = [line for line in run.stdout.splitlines() if " rows by " in line]
    assert lines, run.stderr
    assert [line for line in lines if "reads" in line] == []
    found = dict(line.rsplit(": ", 1) for line in lines)
    assert "50 rows by message_newest" in found["message: newest"]
    assert "50 rows by message_newest" in found["message: 1,000 pages down"]
    assert "generation_of_code" in found["message: error code, rare"]
    assert ", 0 rows by search_vector" in found["message: search: a word nobody wrote"]
    assert len(found) > 30
