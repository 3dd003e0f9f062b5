"""`manage.py purge`: what need not be kept any more goes; to be run daily, beside the chat."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.management.stopping import INTERRUPTED, asked_to_stop
from chat.management.tables import table_of
from chat.retention import past_keeping, purge, to_purge
from chat.threads import DATABASE_ERRORS


class Command(BaseCommand):
    help = (
        "Remove for good conversations deleted over 30 days ago and, with RETENTION_DAYS, those nobody "
        "talked in for so long; expired sessions, revoked links, processes of old; entries of the access log and "
        "rows about exports past ACCESS_RETENTION_DAYS and EXPORT_RETENTION_DAYS."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, and change nothing")
        parser.add_argument(
            "--batch",
            type=int,
            default=300,
            help="messages, or rows of what has none, in one transaction (default 300)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit with 1 when the database refused, 130 when stopped by Ctrl-C or SIGTERM; told is what was done."""
        if options["batch"] < 1:
            raise CommandError("--batch: expected a whole number, at least 1")
        if options["dry_run"]:
            self.stdout.write(table_of(to_purge(), "would be removed"))
            return
        removed: Counter[str] = Counter()
        try:
            is_whole = self._purge(options["batch"], removed)
        except DATABASE_ERRORS as error:
            self.stdout.write(table_of(removed, "removed"))
            raise CommandError(f"the database refused the rest: {error}") from error
        self.stdout.write(table_of(removed, "removed"))
        if not is_whole:
            self.stderr.write("stopped; the next run goes on")
            sys.exit(INTERRUPTED)
        if left := past_keeping().count():
            self.stdout.write(f"left for the next run, being answered or in use: {left}")

    def _purge(self, batch: int, removed: Counter[str]) -> bool:
        """Count in `removed` what goes; False if it was stopped between two transactions."""
        with asked_to_stop() as asked:
            for rows in purge(batch):
                removed.update(rows)
                self._show_progress(removed)
                if asked:
                    return False
        return True

    def _show_progress(self, removed: Counter[str]) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"{removed.total()} rows removed", str, ending="\r")
