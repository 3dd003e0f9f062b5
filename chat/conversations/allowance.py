"""What a person may ask for now: by the settings, and by limits of their own."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django.conf import settings
from django.db.models import (
    Aggregate,
    BigAutoField,
    Count,
    DateTimeField,
    F,
    Q,
    QuerySet,
    Sum,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from chat.models import Generation, Status, User, UserLimits
from chat.models.prepared import Given, prepared
from chat.models.user_limits import limits_of
from chat.protocol import CommandError
from chat.protocol.codes import Quota

RATE_WINDOW = timedelta(minutes=1)
_IS_QUEUED = Q(status=Status.QUEUED)
_IS_RECENT = Q(created_at__gt=Given("recent", DateTimeField()))
_OF_NOW = {"queued": Count("pk", filter=_IS_QUEUED), "recent": Count("pk", filter=_IS_RECENT)}
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
    is_by_day = own.prompts_per_day is not None or own.tokens_per_day is not None
    count = _counted_today if is_by_day else _counted_now
    (found,) = count(owner=user.pk, recent=user.now - RATE_WINDOW, midnight=midnight)
    return found


@prepared
def _counted_now() -> QuerySet[Generation, dict[str, Any]]:
    return _counted(_IS_QUEUED | _IS_RECENT, **_OF_NOW)


@prepared
def _counted_today() -> QuerySet[Generation, dict[str, Any]]:
    is_of_today = Q(created_at__gte=Given("midnight", DateTimeField()))
    return _counted(
        _IS_QUEUED | _IS_RECENT | is_of_today,
        prompts=Count("pk", filter=is_of_today),
        tokens=Sum(_TOKENS, filter=is_of_today),
        **_OF_NOW,
    )


def _counted(looked_at: Q, **counts: Aggregate) -> QuerySet[Generation, dict[str, Any]]:
    owner = Given("owner", BigAutoField())
    asked_about = Generation.objects.filter(looked_at, owner=owner).order_by()
    counted: Any = asked_about.values(**counts)
    # One row, of them all.
    counted.query.group_by = None
    return cast("QuerySet[Generation, dict[str, Any]]", counted)


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
