"""What operators wait for besides lists: the figures of a period, what `purge` would remove, an export."""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import admin
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.management import call_command
from django.http import HttpRequest
from django.test import RequestFactory
from django.test.utils import override_settings
from django.urls import reverse
from django.utils import timezone

from benchmarks.table import aligned
from chat.admin.exporting import found
from chat.exporting import Download, May, Reading
from chat.exporting.reading import Piece
from chat.models import Conversation, Export, FileFormat, Message, User
from chat.redaction import redaction

if TYPE_CHECKING:
    from django.test import Client

EXPORTED = 100_000
# Of conversations a tenth: they have about ten messages each (benchmarks/record.py).
EXPORTED_CONVERSATIONS = EXPORTED // 10
# An export takes long enough to be told from its neighbour by few.
EXPORT_ROUNDS = 3
PERIODS = {"7d": "7 days", "30d": "30 days", "12m": "12 months"}
RETENTION_DAYS = 365


@dataclass(frozen=True)
class Work:
    """Something to be timed: of which kind it is (`--only`), what it is in words, how often at most."""

    kind: str
    what: str
    run: Callable[[], object]
    most_rounds: int = 1_000


@dataclass(frozen=True)
class Took:
    """Seconds, the median and the slowest of some rounds."""

    what: str
    times: list[float]

    @property
    def cells(self) -> tuple[str, str, str]:
        median, slowest = statistics.median(self.times), max(self.times)
        return self.what, f"{median:.2f} / {slowest:.2f} s", str(len(self.times))


@dataclass(frozen=True)
class FirstRows(Reading):
    """A reading that ends after so many rows."""

    most: int = EXPORTED

    def pieces(self) -> Iterator[Piece]:
        rows = 0
        for piece in Reading.pieces(self):
            yield piece
            rows += piece.rows
            if rows >= self.most:
                return


def works(client: Client, root: User) -> Iterator[Work]:
    """Give all of it, in the order of the table."""
    for period, said in PERIODS.items():
        yield Work("figures", f"figures of {said}", partial(_figures, client, period))
    yield Work("purge", "purge --dry-run, deleted conversations alone", _counted_for_purge)
    year = f"purge --dry-run, RETENTION_DAYS={RETENTION_DAYS}"
    yield Work("purge", year, partial(_counted_for_purge, RETENTION_DAYS))
    for what, run in {
        f"{EXPORTED:,} messages, CSV": _Exporting(root, Message, FileFormat.CSV),
        f"{EXPORTED:,} messages, CSV, personal data taken out": _Exporting(
            root, Message, FileFormat.CSV, is_redacted=True
        ),
        f"{EXPORTED_CONVERSATIONS:,} conversations with their messages, JSON Lines": _Exporting(
            root, Conversation, FileFormat.JSONL, most=EXPORTED_CONVERSATIONS
        ),
    }.items():
        yield Work("export", f"an export of up to {what}", run, EXPORT_ROUNDS)


def timed(work: Work, rounds: int) -> Took:
    """Run it so often, once before where that is not long."""
    if work.most_rounds > rounds > 1:
        work.run()
    times = []
    for _ in range(min(rounds, work.most_rounds)):
        begun = time.perf_counter()
        work.run()
        times.append(time.perf_counter() - begun)
    took = Took(work.what, times)
    print(": ".join(took.cells[:2]), flush=True)
    return took


def compared(took: list[Took]) -> str:
    """Return a Markdown table."""
    return aligned([("what", "median / slowest", "rounds"), *(each.cells for each in took)])


def _figures(client: Client, period: str) -> None:
    answer = client.get(reverse("figures"), {"period": period})
    if answer.status_code != 200:
        raise RuntimeError(f"figures of {period}: {answer.status_code}")


def _counted_for_purge(days: int = 0) -> None:
    with override_settings(RETENTION_DAYS=days or settings.RETENTION_DAYS):
        call_command("purge", "--dry-run", stdout=io.StringIO())


@dataclass(frozen=True)
class _Exporting:
    """Makes the file as a download does, each piece counted and logged, and drops it."""

    root: User
    model: type[Message | Conversation]
    form: FileFormat
    is_redacted: bool = False
    most: int = EXPORTED

    def __call__(self) -> None:
        what = str(self.model._meta.model_name)
        export = Export.objects.create(who=self.root, what=what, format=self.form)
        Export.objects.begin(export)
        reading = FirstRows(
            what=what,
            format=self.form,
            found=found(admin.site.get_model_admin(self.model), self._request(), ""),
            until=timezone.now(),
            words=redaction(()) if self.is_redacted else str,
            may=May(messages=True, generations=True),
            most=self.most,
        )
        for _piece in Download(export, reading, "127.0.0.1").pieces():
            pass

    def _request(self) -> HttpRequest:
        request = RequestFactory().get("/")
        request.user = self.root
        request.session = SessionStore()
        return request
