"""Find what was said: titles and messages of a person's own conversations."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection

from chat import protocol
from chat.conversations.consistent_read import consistent_read
from chat.conversations.done import Done
from chat.conversations.shapes import iso
from chat.models import SearchEntry
from chat.search import SearchQuery, excerpt, marked_ranges, parse, postgres, sqlite

PAGE = 20
HITS_MAX = 1_000


def search(user_id: int, command: protocol.ConversationSearch) -> Done:
    """Find the next 20 hits. Any text is a query; one without a word in it finds nothing."""
    query = parse(command.query)
    offset = int(command.before or 0)
    with consistent_read():
        found = [] if query.is_empty or offset >= HITS_MAX else _find(user_id, query, offset)
        hits = _hits(found[:PAGE], query) if found else []
    before = str(offset + PAGE) if len(found) > PAGE else None
    return Done(protocol.ConversationFound(command_id=command.echo, hits=hits, before=before))


def _find(user_id: int, query: SearchQuery, offset: int) -> list[int]:
    find = postgres.find if connection.vendor == "postgresql" else sqlite.find
    return find(user_id, query, PAGE + 1, offset)


def _hits(found: list[int], query: SearchQuery) -> list[protocol.HitShape]:
    mark = postgres.marked if connection.vendor == "postgresql" else sqlite.marked
    marked = mark(found, query)
    rows: Mapping[int, SearchEntry] = SearchEntry.objects.select_related(
        "conversation", "message"
    ).in_bulk(found)
    return [_hit(rows[pk], marked.get(pk, "")) for pk in found]


def _hit(entry: SearchEntry, marked: str) -> protocol.HitShape:
    said = entry.message or entry.conversation
    text = entry.conversation.title if entry.message is None else entry.message.content
    snippet, matches = excerpt(text, marked_ranges(marked))
    return protocol.HitShape(
        conversation=entry.conversation_id,
        message=entry.message_id,
        role=entry.message.role if entry.message is not None else None,
        title=entry.conversation.title,
        snippet=snippet,
        matches=matches,
        created_at=iso(said.created_at),
    )
