"""Time the admin over a record of a million messages in PostgreSQL: its lists, with the indexes they use, and more.

    python -m benchmarks.admin                          # makes the record first: some minutes
    python -m benchmarks.admin --messages 100000
    python -m benchmarks.admin --only message --rounds 10
    DATABASE_URL=postgres://... python -m benchmarks.admin --keep   # of a record that is there

PostgreSQL has its default settings, and as much memory (128 MB of its own). Each page is what Django answers to a
signed-in superuser, the entry of the access log included. Ends with 1 when a page of a list misses its target. After the
lists come figures, what `purge` would remove, and exports (benchmarks/admin_work.py).
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import django
import psycopg

from benchmarks.admin_table import TARGET, Timed, compared
from benchmarks.record import Size, fill
from tests.support.environment import clean_environment
from tests.support.paths import ROOT
from tests.support.postgres import PostgresServer

if TYPE_CHECKING:
    from django.test import Client

    from benchmarks.admin_pages import Page

# Of the lists, and of what is few (chat/admin/): so their statements are known.
PER_PAGE = 50
FEW = 3_000


def options() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.admin", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--messages", type=int, default=1_000_000, help="default 1,000,000")
    parser.add_argument("--rounds", type=int, default=5, help="of each page (default 5)")
    parser.add_argument("--only", nargs="*", help="conversation message … figures purge export")
    parser.add_argument("--keep", action="store_true", help="do not make a record")
    return parser.parse_args()


def main(chosen: argparse.Namespace) -> bool:
    """Measure; return whether every page reaches its target."""
    with _database(chosen) as url:
        os.environ |= {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "evochat.settings",
            "DJANGO_SECRET_KEY": "for the benchmarks alone, 50 characters and more of it",
            "DJANGO_INSECURE_HTTP": "1",
            "DJANGO_ALLOWED_HOSTS": "testserver",
            "DJANGO_STATIC_ROOT": str(ROOT / "chat" / "static"),
        }
        django.setup()
        measured, took = _measured(chosen)
    if took:
        print(f"\n{took}")
    missed = [timed for timed in measured if not timed.is_reached]
    if measured:
        print(f"\n{compared(measured)}")
        print(f"\n{len(measured) - len(missed)} of {len(measured)} reached: {TARGET}")
    return not missed


@contextmanager
def _database(chosen: argparse.Namespace) -> Iterator[str]:
    """Give the URL of a database with the record."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given if chosen.keep else _filled(given, chosen.messages)
        return
    with TemporaryDirectory(prefix="evochat-bench-") as directory:
        server = PostgresServer(Path(directory) / "postgres.log", shared_buffers="128MB")
        try:
            server.start()
            yield _filled(server.database_url(server.create_database()), chosen.messages)
        finally:
            server.remove()


def _filled(url: str, messages: int) -> str:
    env = clean_environment({"DATABASE_URL": url, "DJANGO_INSECURE_HTTP": "1"})
    command = [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=env, check=True)
    begun = time.monotonic()
    with psycopg.connect(url, autocommit=True) as database:
        fill(database, Size(messages))
    print(f"the record took {time.monotonic() - begun:.0f} s", flush=True)
    return url


def _measured(chosen: argparse.Namespace) -> tuple[list[Timed], str]:
    """Time the lists, and the rest, of which a table is made."""
    from django.conf import settings
    from django.test import Client
    from django.test.utils import override_settings

    from benchmarks import admin_work
    from benchmarks.admin_pages import pages
    from chat.models import Message, User

    print(f"{Message.objects.count():,} messages, load {os.getloadavg()[0]:.1f}", flush=True)
    root, _made = User.objects.get_or_create(
        username="bench-root", defaults={"is_staff": True, "is_superuser": True}
    )
    # No page needs its style sheets gathered.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
        client = Client()
        client.force_login(root)
        wanted = [page for page in pages() if not chosen.only or page.list in chosen.only]
        measured = [_looked_at(client, page, chosen.rounds) for page in wanted]
        works = [
            w for w in admin_work.works(client, root) if not chosen.only or w.kind in chosen.only
        ]
        took = [admin_work.timed(work, chosen.rounds) for work in works]
        return measured, admin_work.compared(took) if took else ""


def _looked_at(client: Client, page: Page, rounds: int) -> Timed:
    if rounds > 1:
        _answer(client, page)  # what is read from a disk once is not what is measured
    times = sorted(_ms(client, page) for _ in range(rounds))
    p95 = times[min(rounds - 1, round(rounds * 0.95))]
    shown, indexes, whole = _plans(client, page)
    timed = Timed(page.list, page.narrowed, statistics.median(times), p95, shown, indexes, whole)
    print(timed.line, flush=True)
    return timed


def _ms(client: Client, page: Page) -> float:
    begun = time.perf_counter()
    _answer(client, page)
    return (time.perf_counter() - begun) * 1000


def _answer(client: Client, page: Page) -> Any:
    from django.urls import reverse

    answer: Any = client.get(reverse(f"admin:chat_{page.list}_changelist"), page.query)
    if answer.status_code != 200:
        raise RuntimeError(f"{page}: {answer.status_code}")
    return answer


def _plans(client: Client, page: Page) -> tuple[str, list[str], list[str]]:
    """Say what the page shows, by which indexes it was found, and which big tables were read whole for it."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from benchmarks.admin_pages import BIG
    from benchmarks.plans import indexes_of, plan_of, read_in_order

    with CaptureQueriesContext(connection) as captured:
        changelist = _answer(client, page).context_data["cl"]
    shown = str(changelist.trouble or len(changelist.result_list))
    statements = [query["sql"] for query in captured if query["sql"].lstrip().startswith("SELECT")]
    indexes: list[str] = []
    whole: set[str] = set()
    for sql in statements:
        if any(table in sql for table in BIG):
            plan = plan_of(sql)
            indexes += indexes_of(plan) if _finds(sql) else []
            read = read_in_order(plan)
            whole |= {table for table in BIG & read.keys() if read[table] > 0.9 * _size(table)}
    return shown, [*dict.fromkeys(indexes)], sorted(whole)


def _finds(sql: str) -> bool:
    """Tell whether a statement looks for rows, and does not read those already found."""
    return f"LIMIT {PER_PAGE + 1}" in sql or f"LIMIT {FEW + 1}" in sql


def _size(table: str) -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [table])
        return float(cursor.fetchone()[0])


if __name__ == "__main__":
    sys.exit(0 if main(options()) else 1)
