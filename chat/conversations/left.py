"""What is left to a person of a day, where they have limits of their own by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chat.conversations.allowance import asked, day_of
from chat.models import UserLimits
from chat.models.user import people_now
from chat.models.user_limits import limits_of


@dataclass(frozen=True, slots=True)
class LeftToday:
    """Of prompts and of tokens what is left until `ends`; none where there is no such limit. `own`: the limits."""

    own: UserLimits
    prompts: int | None
    tokens: int | None
    ends: datetime
    is_paused: bool


def left_today(user_id: int) -> LeftToday:
    """Count it by the database's clock, as a prompt that came now would be counted."""
    user = people_now().get(pk=user_id)
    own, (today, tomorrow) = limits_of(user), day_of(user.now)
    found = asked(user, own, today)
    return LeftToday(
        own,
        prompts=_left(own.prompts_per_day, found.get("prompts")),
        tokens=_left(own.tokens_per_day, found.get("tokens")),
        ends=tomorrow,
        is_paused=own.is_paused_at(user.now),
    )


def _left(most: int | None, used: int | None) -> int | None:
    # What was being written may have gone beyond it.
    return None if most is None else max(0, most - (used or 0))
