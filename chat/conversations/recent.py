"""Changes of people's conversations, for sockets that may not have been told of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models.functions import Now

from chat.conversations.shapes import list_envelope
from chat.envelope import Envelope
from chat.models import Conversation


def recent(owners: Iterable[int], seconds: float) -> dict[UUID, int]:
    """Map the conversations of `owners` that have changed in the last seconds to their revisions."""
    since = Now() - timedelta(seconds=seconds)
    found = Conversation.objects.filter(owner__in=list(owners), revised_at__gt=since)
    return dict(found.values_list("pk", "revision"))


def list_envelopes(ids: Iterable[UUID]) -> list[Envelope]:
    """Tell how conversations stand, to their owners' lists alone."""
    return [list_envelope(each) for each in Conversation.objects.filter(pk__in=list(ids))]
