"""How texts begin, as lists show them: of a long one no more is read."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Case, Expression, Value, When
from django.db.models.functions import Left
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chat.admin.reason import kept_reasons

SHOWN_CHARS = 120
WITHHELD = _("(say first why you read it)")


def beginning(request: HttpRequest, field: str) -> Expression:
    """Read how a text begins; None, where a reason is required that has not been given for its `conversation`."""
    text = Left(field, SHOWN_CHARS + 1)
    if settings.ACCESS_REASON != "required":
        return text
    given = When(conversation__in=[*kept_reasons(request)], then=text)
    return Case(given, default=Value(None))


def in_words(read: str | None) -> str | Promise:
    """Show what `beginning` has read."""
    if read is None:
        return WITHHELD
    if not read:
        return _("(empty)")
    return f"{read[:SHOWN_CHARS]}…" if len(read) > SHOWN_CHARS else read
