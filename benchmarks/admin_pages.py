"""The lists of the admin that are timed: what an operator asks, as parameters of the URL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone

from benchmarks.record import OLD_DAYS
from benchmarks.texts import OLD_WORD
from chat.models import Access, Conversation, Generation, Message, Review

# Someone who writes much, and someone who does not (benchmarks/record.py).
BUSY, QUIET = "person0001", "person0400"
PAGES_DOWN = 1_000
LISTS: dict[str, type[Model]] = {
    "conversation": Conversation,
    "message": Message,
    "generation": Generation,
}
_SEARCHES = {
    "a common word": "договор",
    "a word of 1 %": "телескоп",
    "a rare word": "квазар",
    "a phrase": '"синяя ворона"',
    "a phrase of common words nobody said": '"договор invoice"',
    "two common words": "договор invoice",
    "a word and not another": "телескоп -договор",
    "how a common word begins": "догов",
    "how a rare word begins": "кваз",
    "a word nobody wrote": "небылица",
    "a word of two years ago": OLD_WORD,
    "one letter": "д",
    "a username": QUIET,
}
_FILTERS: dict[str, dict[str, str]] = {
    "user, many rows": {"user": BUSY},
    "user, few rows": {"user": QUIET},
    "status: failed": {"status": "failed"},
    "status: completed": {"status": "completed"},
    "model, rare": {"model": "scripted/rare-1"},
    "finish reason: content_filter": {"finish_reason": "content_filter"},
    "error code, rare": {"code": "internal"},
    "rating: bad": {"rating": "down"},
    "rating: with a reason": {"rating": "reason"},
    "flagged": {"review": "flagged"},
    "waits for review": {"review": "open"},
    "tokens, the most": {"tokens_from": "4000"},
    "cost, the most": {"cost_from": "1.5"},
    "duration, the most": {"seconds_from": "60"},
    "duration, most answers": {"seconds_from": "1", "seconds_to": "60"},
    "user, failed, bad": {"user": BUSY, "status": "failed", "rating": "down"},
    "failed, rare model": {"status": "failed", "model": "scripted/rare-1"},
}
_DAYS_AGO = f"{timezone.now() - timedelta(days=OLD_DAYS):%Y-%m-%d}"
_BOTH: dict[str, dict[str, str]] = {
    "a common word, one user": {"q": "договор", "user": QUIET},
    "a word of 1 %, failed": {"q": "телескоп", "status": "failed"},
    "a word of two years ago, from then": {"q": OLD_WORD, "until": _DAYS_AGO},
}


_QUEUE: dict[str, dict[str, str]] = {
    "open, the oldest": {},
    "resolved": {"state": "resolved"},
    "all": {"state": "all"},
    "flagged": {"why": "flagged"},
    "error code, rare": {"code": "internal"},
    "model, rare": {"model": "scripted/rare-1"},
    "reason of the rating": {"rating_reason": "incorrect"},
    "with me": {"assigned": "me"},
    "user, few rows": {"user": QUIET},
    "search: a username": {"q": QUIET},
}


@dataclass(frozen=True)
class Page:
    """A list, what it is narrowed down to in words, and how the URL says so."""

    list: str
    narrowed: str
    query: dict[str, str] = field(default_factory=dict)


def pages() -> Iterator[Page]:
    """Give every page, those of the record of `DATABASE_URL`."""
    now = timezone.now()
    week = {
        "since": f"{now - timedelta(days=300):%Y-%m-%d}",
        "until": f"{now - timedelta(days=293):%Y-%m-%d}",
    }
    for name, model in LISTS.items():
        place = _place(model)
        yield Page(name, "newest")
        yield Page(name, f"{PAGES_DOWN:,} pages down", {"before": place})
        yield Page(name, "the page before that", {"after": place})
        yield Page(name, "a week", week)
        yield Page(name, "a week, failed", {**week, "status": "failed"})
        for said, query in _FILTERS.items():
            yield Page(name, said, query)
        for said, words in _SEARCHES.items():
            yield Page(name, f"search: {said}", {"q": words})
        for said, query in _BOTH.items():
            yield Page(name, f"search: {said}", query)
        yield Page(name, "search: a uuid", {"q": str(_row(model).pk)})
        yield Page(name, "search: a word, a week", {"q": "телескоп", **week})
    yield Page("conversation", "deleted by the user", {"deleted": "yes"})
    yield Page("message", "answers only", {"role": "assistant"})
    for said, query in _QUEUE.items():
        yield Page("review", said, query)
    yield Page("review", "half way down", {"after": _place_in_queue()})
    yield Page("access", "newest")
    yield Page("access", "one kind, rare", {"what": "export"})
    yield Page("access", "a reader", {"q": "auditor3"})
    yield Page("access", "search: a person", {"q": QUIET})
    yield Page("access", "a week", week)


def _row(model: type[Model]) -> Any:
    """Give a row so far down, or the middle of what there is."""
    rows = model._default_manager.order_by(f"-{_moment(model)}", "-pk")
    down = min(PAGES_DOWN * 50, rows.count() // 2)
    return rows[down]


def _place(model: type[Model]) -> str:
    row = _row(model)
    return f"{getattr(row, _moment(model)).isoformat()}~{row.pk}"


def _place_in_queue() -> str:
    rows = Review.objects.open().order_by("since", "id")
    row = rows[rows.count() // 2]
    return f"{row.since.isoformat()}~{row.pk}"


def _moment(model: type[Model]) -> str:
    return "updated_at" if model is Conversation else "created_at"


BIG = {each._meta.db_table for each in (Conversation, Message, Generation, Access)} | {
    "chat_searchentry"
}
