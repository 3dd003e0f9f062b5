"""Counts of rows as a table for a terminal."""

from __future__ import annotations

from collections import Counter

from django.apps import apps
from django.utils.translation import override

# These are shown also when there are none.
_ALWAYS = ("chat.Conversation", "chat.Message", "chat.Generation", "chat.Delta")


def table_of(counts: Counter[str], heading: str) -> str:
    """Lay out counts by model label, under a heading."""
    others = sorted(label for label, count in counts.items() if count and label not in _ALWAYS)
    with override("en"):
        rows = [(_name(label), counts[label]) for label in (*_ALWAYS, *others)]
    width = max(len(name) for name, _ in rows)
    return "\n".join([heading, *(f"  {name:<{width}}  {count:>9}" for name, count in rows)])


def _name(label: str) -> str:
    return str(apps.get_model(label)._meta.verbose_name_plural).lower()
