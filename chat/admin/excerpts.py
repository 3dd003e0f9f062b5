"""What a search found, as a list shows it: a piece of the message with what matched marked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chat.models import SearchEntry
from chat.search import SearchQuery, cut, marked_ranges, postgres, sqlite


@dataclass(frozen=True)
class Hit:
    """A message that matches, and the piece of it to be shown."""

    message: UUID
    piece: SafeString


def hits_of_messages(messages: Iterable[UUID], query: SearchQuery) -> dict[UUID, Hit]:
    """Give what to show of each of those messages."""
    entries = SearchEntry.objects.filter(message__in=list(messages))
    hits = _hits(list(entries.values_list("pk", flat=True)), query)
    return {hit.message: hit for hit in hits.values()}


def best_hits(conversations: Iterable[UUID], query: SearchQuery) -> dict[UUID, Hit]:
    """Give the best hit of each of those conversations that has one in a message."""
    search = postgres if connection.vendor == "postgresql" else sqlite
    best = search.best_of(conversations, query)
    hits = _hits(list(best.values()), query)
    return {conversation: hits[entry] for conversation, entry in best.items() if entry in hits}


def _hits(entries: list[int], query: SearchQuery) -> dict[int, Hit]:
    if not entries:
        return {}
    search = postgres if connection.vendor == "postgresql" else sqlite
    marked = search.marked(entries, query)
    rows = SearchEntry.objects.filter(pk__in=entries, message__isnull=False)
    texts = rows.values_list("pk", "message", "message__content")
    return {
        entry: Hit(message, _piece(text, marked.get(entry, ""))) for entry, message, text in texts
    }


def _piece(text: str, marked: str) -> SafeString:
    """Cut the text around what matched, and mark that."""
    piece, ranges = cut(text, marked_ranges(marked))
    parts = []
    at = 0
    for start, end in ranges:
        parts.append((piece[at:start], piece[start:end]))
        at = end
    return format_html("{}{}", format_html_join("", "{}<mark>{}</mark>", parts), piece[at:])
