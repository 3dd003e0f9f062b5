"""System checks: the times that only work in a certain order, and settings that do not fit together."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage
from django.db import DatabaseError

Named = tuple[str, float]


def check_times(**kwargs: Any) -> list[CheckMessage]:
    """Check the stated relations of times, each of which is smaller than the next."""
    return [message for times in _chains() for message in out_of_order(times)]


def check_worker_has_redis(**kwargs: Any) -> list[CheckMessage]:
    """Warn of processes that can tell each other nothing but by the database."""
    if settings.GENERATE_IN != "worker" or settings.REDIS_URL:
        return []
    return [
        checks.Warning(
            "GENERATE_IN=worker without REDIS_URL: answers written in another process reach a "
            "socket by a look at the database each second.",
            hint="Set REDIS_URL, in the web processes and in the workers.",
            id="chat.W001",
        )
    ]


def check_languages(**kwargs: Any) -> list[CheckMessage]:
    """Warn of catalogues that were not compiled: the site would speak English instead."""
    languages = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    wanted = [
        Path(folder, language, "LC_MESSAGES", f"{domain}.mo")
        for folder in settings.LOCALE_PATHS
        for language in languages
        for domain in ("django", "djangojs")
    ]
    return [
        checks.Warning(
            f"{path} is not there.",
            hint="Run `python -m scripts.languages compile`.",
            id="chat.W002",
        )
        for path in wanted
        if not path.exists()
    ]


def check_roles(databases: Iterable[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Tell of groups that lack a right of their role: `migrate` makes new groups, and leaves those that are there."""
    from chat.roles import standings

    if "default" not in (databases or ()):
        return []
    try:
        lacking = [each for each in standings() if each.is_there and each.missing]
    except DatabaseError:  # not migrated yet
        return []
    return [
        checks.Info(
            f"The group {each.role} lacks {', '.join(each.missing)}.",
            hint="`manage.py roles` adds what is missing; leave it if it was taken away on purpose.",
            id="chat.I001",
        )
        for each in lacking
    ]


ALL = (check_times, check_worker_has_redis, check_languages)
# Those that ask the database: `migrate` runs them.
OF_DATABASE = (check_roles,)


def out_of_order(times: Iterable[Named]) -> list[CheckMessage]:
    """Name each pair of neighbours of which the first is not the smaller."""
    return [
        checks.Error(f"{first} ({a:g} s) must be less than {second} ({b:g} s).", id="chat.E001")
        for (first, a), (second, b) in pairwise(times)
        if not a < b
    ]


def _chains() -> list[list[Named]]:
    # Imported here: the runner brings the provider's packages, which a command without checks needs not.
    from chat.engine import MODELS_EVERY_S, MODELS_RETRY_S
    from chat.generation import journal, reaper, runner
    from chat.hub import link
    from chat.models.runner import LEASE

    window = ("DELTA_WINDOW_MS", settings.DELTA_WINDOW_MS / 1000)
    lease = ("LEASE", LEASE.total_seconds())
    return [
        [
            window,
            ("CLAIM_EVERY_S", runner.CLAIM_EVERY_S),
            ("HEARTBEAT_S", runner.HEARTBEAT_S),
            lease,
        ],
        [
            ("REAP_EVERY_S", runner.REAP_EVERY_S),
            lease,
            ("KEEP_LOG", reaper.KEEP_LOG.total_seconds()),
        ],
        [window, ("UNSAVED_MAX_S", journal.UNSAVED_MAX_S)],
        [
            ("HEARTBEAT_S", runner.HEARTBEAT_S),
            ("BREAK_S", reaper.BREAK_S),
            ("SETTLE_S", reaper.SETTLE_S),
        ],
        [
            ("PING_S", link.PING_S),
            ("DEAF_AFTER_S", link.DEAF_AFTER_S),
            ("REBUILD_AFTER_S", link.REBUILD_AFTER_S),
            ("RENEW_S", link.RENEW_S),
        ],
        [("MODELS_RETRY_S", MODELS_RETRY_S), ("MODELS_EVERY_S", MODELS_EVERY_S)],
    ]
