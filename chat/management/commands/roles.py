"""`manage.py roles`: the groups of staff get the rights that their role has in this version."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.roles import Standing, fill, standings, trim


class Command(BaseCommand):
    help = (
        "Give the groups reviewer, auditor and operator the rights of their role that they lack; one made by an "
        "earlier version does not get what is new. Takes none away, but with --reset."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--check", action="store_true", help="say what differs, change nothing")
        how.add_argument(
            "--reset", action="store_true", help="also take away what a role does not have"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit with 1 when `--check` finds a right that is missing, or `migrate` has not been run."""
        found = standings()
        for standing in found:
            self._tell(standing, checks=options["check"], resets=options["reset"])
        if options["check"]:
            sys.exit(any(each.missing or not each.is_there for each in found))
        try:
            for standing in found:
                self._change(standing, resets=options["reset"])
        except LookupError as error:
            raise CommandError(
                f"there is no right {error}: run `manage.py migrate` first"
            ) from error

    def _tell(self, standing: Standing, *, checks: bool, resets: bool) -> None:
        is_right = standing.is_there and not (standing.missing or standing.beyond)
        self.stdout.write(f"{standing.role}: as it should be" if is_right else f"{standing.role}:")
        if not standing.is_there:
            self.stdout.write("  the group is not there" if checks else "  made")
        for name in standing.missing:
            self.stdout.write(f"  {'missing' if checks else 'added'}: {name}")
        for name in standing.beyond:
            self.stdout.write(f"  {'taken away' if resets else 'beyond the role, left'}: {name}")

    def _change(self, standing: Standing, *, resets: bool) -> None:
        if standing.missing or not standing.is_there:
            fill(standing)
        if resets and standing.beyond:
            trim(standing)
