"""The environment of tests and of the processes they start: none of the developer's own settings in it."""

import functools
import os
import re
from collections.abc import Mapping

from tests.support.paths import ROOT


@functools.cache
def documented_variables() -> frozenset[str]:
    """Give the names of all settings by environment: those `.env.example` explains."""
    text = (ROOT / ".env.example").read_text()
    return frozenset(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give this process's environment without any setting of evochat's, and `extra` on top."""
    settings = documented_variables() | {f"{name}_FILE" for name in documented_variables()}
    kept = {name: value for name, value in os.environ.items() if name not in settings}
    # Of the tests' own wiring nothing may reach a child either: it runs on evochat.settings, as in production.
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return {**kept, "PYTHONUNBUFFERED": "1", **(extra or {})}
