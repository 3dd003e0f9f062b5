"""The queue of answers to review, on the admin's first page."""

from __future__ import annotations

from django import template

from chat.admin.review.waiting import may_review, open_in_number

register = template.Library()

MOST_OPEN = 99


@register.simple_tag(takes_context=True)
def open_reviews(context: template.Context) -> str:
    """Say how many are open, to those who may review; to others nothing, and nothing is counted."""
    return open_in_number(MOST_OPEN) if may_review(context["request"]) else ""
