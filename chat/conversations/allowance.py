"""What a person may ask for now: by the settings, and by limits of their own."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from chat.models import Generation, Status, User, UserLimits
from chat.models.user_limits import limits_of
from chat.protocol import CommandError
from chat.protocol.codes import Quota

RATE_WINDOW = timedelta(minutes=1)
_TOKENS = Coalesce(F("input_tokens"), 0) + Coalesce(F("output_tokens"), 0)


def check_allowance(user: User) -> None:
    """Refuse what is too much now. `user` is locked, read with its limits and the time. Raises `CommandError`.

    One statement, over the day's generations only where a limit by day asks for them.
    """
    own = limits_of(user)
    if own.is_paused_at(user.now):
        raise _over("paused", own.paused_until, user, own.reason)
    today, tomorrow = day_of(user.now)
    found = asked(user, own, today)
    if own.prompts_per_day is not None and found["prompts"] >= own.prompts_per_day:
        raise _over("prompts_per_day", tomorrow, user)
    if own.tokens_per_day is not None and (found["tokens"] or 0) >= own.tokens_per_day:
        raise _over("tokens_per_day", tomorrow, user)
    if found["queued"] >= (own.queued or settings.USER_MAX_QUEUED):
        detail = f"{found['queued']} generations are queued already"
        raise CommandError("too_many_generations", detail)
    if found["recent"] >= settings.USER_MESSAGES_PER_MINUTE:
        raise _rate_limited(user)


def asked(user: User, own: UserLimits, midnight: datetime) -> dict[str, Any]:
    """Count what that person has asked for, since midnight only where they have a limit by day. `user.now` is read."""
    is_queued, is_recent = Q(status=Status.QUEUED), Q(created_at__gt=user.now - RATE_WINDOW)
    looked_at = is_queued | is_recent
    counted: dict[str, Any] = {
        "queued": Count("pk", filter=is_queued),
        "recent": Count("pk", filter=is_recent),
    }
    if own.prompts_per_day is not None or own.tokens_per_day is not None:
        is_of_today = Q(created_at__gte=midnight)
        looked_at |= is_of_today
        counted["prompts"] = Count("pk", filter=is_of_today)
        counted["tokens"] = Sum(_TOKENS, filter=is_of_today)
    return Generation.objects.filter(looked_at, owner=user).aggregate(**counted)


def day_of(now: datetime) -> tuple[datetime, datetime]:
    """Give the midnights, by the site's time, between which that moment is."""
    today = timezone.localtime(now).date()
    return _midnight(today), _midnight(today + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone())


def _over(quota: Quota, until: datetime | None, user: User, reason: str = "") -> CommandError:
    wait = None if until is None else max(1, round((until - user.now).total_seconds() * 1000))
    detail = f"Over this user's own limit: {quota}"
    return CommandError(
        "quota_exceeded", detail, retry_after_ms=wait, quota=quota, reason=reason or None
    )


def _rate_limited(user: User) -> CommandError:
    limit = settings.USER_MESSAGES_PER_MINUTE
    times = Generation.objects.filter(owner=user).order_by("-created_at")
    nth_newest = times.values_list("created_at", flat=True)[limit - 1]
    wait = nth_newest + RATE_WINDOW - user.now
    return CommandError(
        "rate_limited",
        f"{limit} messages a minute are allowed",
        retry_after_ms=max(1, round(wait.total_seconds() * 1000)),
    )
