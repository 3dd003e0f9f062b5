"""How many answers wait to be reviewed, up to a number: that there are more is all one needs to know."""

from __future__ import annotations

from django.http import HttpRequest

from chat.admin.read_only import may_view
from chat.admin.review.page import may_act
from chat.models import Review


def open_in_number(most: int) -> str:
    """Count the open ones by their index, in one statement that reads `most` and one more: `7`, or `99+`."""
    count = Review.objects.open()[: most + 1].count()
    return f"{most}+" if count > most else str(count)


def may_review(request: HttpRequest) -> bool:
    return may_view(request, Review) and may_act(request)
