"""The model of a person."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.db.models import QuerySet
from django.db.models.functions import Now


class User(AbstractUser):
    """A person who chats, or who reviews chats. Ours from the first migration, so it can grow."""

    # The database's time when it was read by `people_now`.
    now: datetime


def people_now() -> QuerySet[User]:
    """Read people with their own limits and `now`, by the clock that their limits go by."""
    return User.objects.annotate(now=Now()).select_related("limits")  # type: ignore[no-redef]
