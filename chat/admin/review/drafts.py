"""What somebody wrote with an act that was refused: kept until one is not, since nobody writes it twice."""

from __future__ import annotations

from django.http import HttpRequest

from chat.models.review import NOTE_MAX_CHARS

_KEY = "review_drafts"
MOST_DRAFTS = 20


def draft_of(request: HttpRequest, review_id: int) -> str:
    text: str = request.session.get(_KEY, {}).get(str(review_id), "")
    return text


def keep_draft(request: HttpRequest, review_id: int, text: str) -> None:
    """Keep what was written, of the last few; nothing written forgets it."""
    kept: dict[str, str] = dict(request.session.get(_KEY, {}))
    kept.pop(str(review_id), None)
    if text:
        kept[str(review_id)] = text[:NOTE_MAX_CHARS]
    elif not request.session.get(_KEY):
        return
    request.session[_KEY] = dict(list(kept.items())[-MOST_DRAFTS:])
