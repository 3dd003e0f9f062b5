"""`manage.py forget_user NAME`: an account goes, with all that is its own."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.management.stopping import INTERRUPTED, asked_to_stop
from chat.management.tables import table_of
from chat.models import User
from chat.retention import StillInUseError, forget, to_forget
from chat.threads import DATABASE_ERRORS


class Command(BaseCommand):
    help = (
        "Remove an account for good, with its conversations, presets, ratings, links and sessions; "
        "what is being answered is cancelled first. There is no way back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the user name, exactly")
        parser.add_argument("--dry-run", action="store_true", help="count, and change nothing")
        parser.add_argument(
            "--wait",
            type=float,
            default=60.0,
            help="seconds that answers get to end after they were cancelled (default 60)",
        )
        parser.add_argument(
            "--batch", type=int, default=300, help="messages in one transaction (default 300)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit with 1 when something is still in use or the database refused, 130 when stopped."""
        if options["batch"] < 1:
            raise CommandError("--batch: expected a whole number, at least 1")
        user = User.objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError(f"there is no user {options['name']!r}")
        if options["dry_run"]:
            self.stdout.write(table_of(to_forget(user), "would be removed"))
            return
        removed: Counter[str] = Counter()
        try:
            is_whole = _forget(user.pk, options["batch"], options["wait"], removed)
        except (StillInUseError, *DATABASE_ERRORS) as error:
            self.stdout.write(table_of(removed, "removed"))
            raise CommandError(f"{error}; the account is closed, run this again") from error
        self.stdout.write(table_of(removed, "removed"))
        if not is_whole:
            self.stderr.write("stopped; the account is closed, run this again")
            sys.exit(INTERRUPTED)


def _forget(user_id: int, batch: int, wait_s: float, removed: Counter[str]) -> bool:
    """Count in `removed` what goes; False if it was stopped between two transactions."""
    with asked_to_stop() as asked:
        for rows in forget(user_id, batch, wait_s):
            removed.update(rows)
            if asked and User.objects.filter(pk=user_id).exists():
                return False
    return True
