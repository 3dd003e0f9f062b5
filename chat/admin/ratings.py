"""What people think of answers, in words for staff."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chat.models import Rating

_VALUES = {
    Rating.Value.UP: _("Good answer"),
    Rating.Value.DOWN: _("Bad answer"),
    Rating.Value.NONE: _("Rating taken back"),
}
_REASONS = {
    "accurate": _("Accurate"),
    "helpful": _("Helpful"),
    "clear": pgettext_lazy("an answer is", "Clear"),
    "incorrect": _("Not correct"),
    "incomplete": _("Not complete"),
    "off_topic": _("Off topic"),
    "style": _("Style or form"),
    "unsafe": _("Harmful"),
    "other": _("Something else"),
}


@dataclass(frozen=True, slots=True)
class Rated:
    """One person's rating of one answer."""

    rating: Rating

    @property
    def value(self) -> str | Promise:
        return _VALUES[Rating.Value(self.rating.value)]

    @property
    def reason(self) -> str | Promise:
        return reason_words(self.rating.reason)


def reason_words(reason: str) -> str | Promise:
    """Say why somebody rated so; a reason this release does not know is said as it is."""
    return _REASONS.get(reason, reason)


def ratings_of(messages: Iterable[UUID]) -> dict[UUID, list[Rated]]:
    rows = Rating.objects.filter(message__in=list(messages)).select_related("user").order_by("pk")
    ratings: dict[UUID, list[Rated]] = {}
    for rating in rows:
        ratings.setdefault(rating.message_id, []).append(Rated(rating))
    return ratings
