"""How far an export is, in words and numbers: the same on its page and for the script that keeps that up to date."""

from __future__ import annotations

from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from chat.admin.counted import MOST_COUNTED, in_words, number
from chat.models import Export, ExportState


def progress(export: Export) -> dict[str, Any]:
    """Say where an export stands. `most` is none while nobody knows how many rows there will be."""
    state = export.shown_state
    is_whole = state == ExportState.DONE
    return {
        "state": state.value,
        "state_words": str(state.label),
        "rows": export.rows,
        # Rows may have gone or come since they were counted.
        "most": export.rows if is_whole else _at_least(export.rows_found, export.rows),
        "words": _words(export),
        "is_over": export.is_over,
    }


def again(export: Export) -> str:
    """Give the address that asks how to export the same rows again."""
    page = reverse(f"admin:chat_{export.what}_export")
    return f"{page}?{export.query}" if export.query else page


def _at_least(expected: int | None, rows: int) -> int | None:
    return None if expected is None or expected > MOST_COUNTED else max(expected, rows)


def _words(export: Export) -> str:
    done = {"rows": number(export.rows), "size": filesizeformat(export.bytes)}
    if export.is_over or export.rows_found is None:
        return _("Rows: %(rows)s, %(size)s") % done
    found = in_words(export.rows_found)
    return _("Rows: %(rows)s of %(found)s, %(size)s") % {**done, "found": found}
