"""The page of one review: the prompt, the answer as the transcript shows it, what was thought of it, what was done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from django.http import HttpRequest

from chat.admin.read_only import may_view
from chat.admin.reading_order import Turn, in_reading_order
from chat.admin.review.drafts import draft_of
from chat.admin.review.words import DECISIONS, KEYS, noted, state, why
from chat.admin.stopping import may_stop
from chat.admin.transcript import Entry, entries
from chat.models import Generation, Message, Review, ReviewNote, User
from chat.models.review import NOTE_MAX_CHARS
from chat.reviews import reviewers

MOST_COLLEAGUES = 100


def may_act(request: HttpRequest) -> bool:
    return cast("User", request.user).has_perm("chat.change_review")


def context_of(request: HttpRequest, review: Review) -> dict[str, Any]:
    me = cast("User", request.user)
    return {
        "review": review,
        "why": why(review),
        "state": state(review),
        "entries": _entries(review, with_numbers=may_view(request, Generation)),
        "may_stop": may_stop(request),
        "notes": [(note, noted(note)) for note in ReviewNote.objects.filter(review=review)],
        "may_act": may_act(request),
        "is_mine": review.assigned_to == me.pk,
        "may_resolve": review.assigned_to in (None, me.pk),
        "colleagues": _colleagues(review) if may_act(request) else [],
        "decisions": DECISIONS,
        "keys": KEYS,
        "draft": draft_of(request, review.pk),
        "most": NOTE_MAX_CHARS,
    }


def _entries(review: Review, *, with_numbers: bool) -> list[Entry]:
    """Give the prompt and the answer, side by side wherever they stand in the tree."""
    wanted = (review.message.parent_id, review.message_id)
    messages = Message.objects.filter(conversation=review.conversation_id)
    ordered = messages.order_by("created_at", "id").values_list("pk", "parent")
    places = in_reading_order((Turn(*row) for row in ordered), review.conversation.head_id)
    shown = [replace(place, level=0) for place in places if place.pk in wanted]
    return entries(shown, with_generations=with_numbers)


def _colleagues(review: Review) -> list[User]:
    others = reviewers()
    if review.assigned_to is not None:
        others = others.exclude(pk=review.assigned_to)
    return list(others[:MOST_COLLEAGUES])
