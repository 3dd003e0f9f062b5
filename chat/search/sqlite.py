"""Search by SQLite: an FTS5 table that keeps no text of its own but reads that of the record.

It knows no word's stem. Each row also has its owner as a word of a column of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from chat.search.excerpt import CLOSE, OPEN
from chat.search.query import SearchQuery

_FIND = """
SELECT e.id
FROM chat_search
JOIN chat_searchentry e ON e.id = chat_search.rowid
JOIN chat_conversation c ON c.id = e.conversation_id
WHERE chat_search MATCH %s AND c.owner_id = %s AND c.deleted_at IS NULL
ORDER BY e.message_id IS NULL DESC, bm25(chat_search, 0.0, 1.0), e.id DESC LIMIT %s OFFSET %s
"""
_BEST = """
SELECT e.conversation_id, e.id
FROM chat_search
JOIN chat_searchentry e ON e.id = chat_search.rowid
WHERE chat_search MATCH %s AND e.message_id IS NOT NULL AND e.conversation_id IN ({places})
ORDER BY bm25(chat_search, 0.0, 1.0) DESC, e.id
"""
_MARK = """
SELECT rowid, highlight(chat_search, 1, %s, %s) FROM chat_search
WHERE chat_search MATCH %s AND rowid IN ({places})
"""


def find(owner: int, query: SearchQuery, limit: int, offset: int) -> list[int]:
    """Return the entries that match, best first: titles, then messages by rank, then the newer."""
    asked = f'(owner : "u{owner}" AND {_wanted(query)}){_unwanted(query)}'
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [asked, owner, limit, offset])
        return [pk for (pk,) in cursor.fetchall()]


def matches(query: SearchQuery) -> Q:
    """Say which search entries match, of whomever: a condition of queries of `SearchEntry`."""
    found = "SELECT rowid FROM chat_search WHERE chat_search MATCH %s"
    return Q(pk__in=RawSQL(found, [f"({_wanted(query)}){_unwanted(query)}"]))  # noqa: S611  # parameters are bound


def best_of(conversations: Iterable[UUID], query: SearchQuery) -> dict[UUID, int]:
    """Return the entry of the message that matches best, of each conversation that has one."""
    ids = [conversation.hex for conversation in conversations]
    sql = _BEST.format(places=", ".join("%s" for _ in ids))
    with connection.cursor() as cursor:
        cursor.execute(sql, [f"({_wanted(query)}){_unwanted(query)}", *ids])
        return {UUID(conversation): entry for conversation, entry in cursor.fetchall()}


def marked(entries: list[int], query: SearchQuery) -> dict[int, str]:
    """Return the texts of entries as they were searched, with marks around what matched."""
    sql = _MARK.format(places=", ".join("%s" for _ in entries))
    with connection.cursor() as cursor:
        cursor.execute(sql, [OPEN, CLOSE, _wanted(query), *entries])
        return dict(cursor.fetchall())


def _wanted(query: SearchQuery) -> str:
    # Words are letters and digits alone (chat/search/query.py): nothing in them is FTS5's syntax.
    parts = [f'"{phrase}"' for phrase in query.wanted]
    if query.prefix:
        parts.append(f'"{query.prefix}" *')
    return f"text : ({' AND '.join(parts)})"


def _unwanted(query: SearchQuery) -> str:
    return "".join(f' NOT text : "{phrase}"' for phrase in query.unwanted)
