"""What a page that keeps itself up to date has shown already: that is logged when it comes, not with each look."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import HttpRequest

from chat.admin.reason import KEPT_S
from chat.models import Generation

_SALT = "chat.admin.seen"


@dataclass(frozen=True, slots=True)
class Seen:
    """Conversations one person was shown at their last look, and when this began; half an hour later it begins anew."""

    since: float
    conversations: frozenset[str] = frozenset()

    @classmethod
    def told_by(cls, request: HttpRequest) -> Seen:
        """Read what the page says it has shown; what is not ours, or another person's, is nothing."""
        now = time.time()
        try:
            who, since, shown = signing.loads(request.POST.get("seen", ""), salt=_SALT)
        except (signing.BadSignature, ValueError):
            return cls(now)
        is_current = who == request.user.pk and now - since < KEPT_S
        return cls(since, frozenset(shown)) if is_current else cls(now)

    def unseen(self, rows: Iterable[Generation]) -> list[Generation]:
        return [row for row in rows if _key(row) not in self.conversations]

    def after(self, request: HttpRequest, rows: Iterable[Generation]) -> str:
        """Give the token of these rows: what has gone and comes again is a look of its own."""
        told: list[Any] = [request.user.pk, self.since, sorted({_key(row) for row in rows})]
        return signing.dumps(told, salt=_SALT, compress=True)


def _key(row: Generation) -> str:
    return row.conversation_id.hex
