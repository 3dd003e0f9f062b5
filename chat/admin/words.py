"""States and numbers as an operator reads them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat.models import Generation, Status

NOTHING = "–"

_STATUS_WORDS = {
    Status.QUEUED: _("Waiting in the queue"),
    Status.IN_PROGRESS: _("Being written"),
    Status.COMPLETED: _("Completed"),
    Status.FAILED: _("Failed"),
    Status.CANCELLED: _("Stopped"),
    Status.INTERRUPTED: _("Interrupted: its process ended"),
}


def status_words(status: str) -> str | Promise:
    return _STATUS_WORDS[Status(status)]


def moment(when: datetime) -> str:
    """Say when, short enough for a list; in the site's time zone."""
    return timezone.localtime(when).strftime("%Y-%m-%d %H:%M")


def duration(ms: int | None) -> str:
    """Say milliseconds as a person would: 850 ms, 12.3 s, 2 min 5 s."""
    if ms is None:
        return NOTHING
    if ms < 1000:
        return gettext("%(count)s ms") % {"count": ms}
    if ms < 60_000:
        return gettext("%(count)s s") % {"count": number_format(ms / 1000, decimal_pos=1)}
    minutes, seconds = divmod(round(ms / 1000), 60)
    return gettext("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": seconds}


def tokens(count: int | None, *, estimated: bool) -> str:
    """Say a count of tokens, marked where it is an estimate of ours."""
    if count is None:
        return NOTHING
    return f"≈{count}" if estimated else str(count)


def how_many(count: int | None) -> str:
    return NOTHING if count is None else number_format(count)


def money(roubles: Decimal | None) -> str:
    """Say what an answer cost: mostly a fraction of a kopeck, so to four places."""
    if roubles is None:
        return NOTHING
    return gettext("%(amount)s\u00a0₽") % {"amount": number_format(roubles, decimal_pos=4)}


def speed(generation: Generation) -> str:
    """Say how fast it was written, from its first word on: in tokens, or where nobody counted them in characters."""
    writing = (generation.total_ms or 0) - (generation.ttft_ms or 0)
    if writing > 0 and (generation.output_tokens or 0) > 1:
        a_second = ((generation.output_tokens or 0) - 1) * 1000 / writing
        return gettext("%(count)s tokens/s") % {"count": number_format(a_second, decimal_pos=1)}
    if generation.total_ms and generation.chars:
        a_second = generation.chars * 1000 / generation.total_ms
        return gettext("%(count)s characters/s") % {"count": number_format(a_second, decimal_pos=1)}
    return NOTHING
