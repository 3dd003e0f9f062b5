"""Search by PostgreSQL: a tsvector for each title and message, under one GIN index.

The configuration `russian` stems Russian words and, since it hands ASCII words to the English stemmer, English
ones too. Each vector also holds its owner as a lexeme that no text can have (`=42`), so that the index itself
finds one person's hits among a million messages of others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from chat.search.excerpt import CLOSE, OPEN
from chat.search.query import SearchQuery

# Ranked are the newest of what matches: a word that is everywhere is not worth more.
RANKED_MAX = 1_000

# Materialized: else the planner may look into the GIN index once for each of the person's conversations.
_FIND = """
WITH matched AS MATERIALIZED (
    SELECT id, conversation_id FROM chat_searchentry
    WHERE vector @@ (%s::tsquery && {query}) AND numnode({wanted}) > 0
), newest AS (
    SELECT matched.id
    FROM matched JOIN chat_conversation c ON c.id = matched.conversation_id
    WHERE c.owner_id = %s AND c.deleted_at IS NULL
    ORDER BY matched.id DESC LIMIT {ranked}
)
SELECT e.id FROM newest JOIN chat_searchentry e ON e.id = newest.id
ORDER BY (e.message_id IS NULL) DESC, ts_rank(e.vector, {query}, 1) DESC, e.id DESC LIMIT %s OFFSET %s
"""
_MARK = """
SELECT e.id, ts_headline('russian', chat_searchable(coalesce(m.content, c.title)), {query}, %s)
FROM chat_searchentry e
JOIN chat_conversation c ON c.id = e.conversation_id LEFT JOIN chat_message m ON m.id = e.message_id
WHERE e.id = ANY(%s)
"""
_BEST = """
SELECT conversation_id, id FROM chat_searchentry
WHERE conversation_id = ANY(%s) AND vector @@ {query} AND message_id IS NOT NULL
ORDER BY ts_rank(vector, {query}, 1), id
"""
_HIGHLIGHT = f'HighlightAll=true, StartSel="{OPEN}", StopSel="{CLOSE}"'
_PHRASE = "phraseto_tsquery('russian', %s)"
# The word as it is typed, which need not be a whole one, and its stem.
_PREFIX = "(to_tsquery('simple', %s) || to_tsquery('russian', %s))"

Sql = tuple[str, list[Any]]


def find(owner: int, query: SearchQuery, limit: int, offset: int) -> list[int]:
    """Return the entries that match, best first: titles, then messages by rank, then the newer."""
    asked, params = _tsquery(query)
    wanted, wanted_params = _wanted(query)
    sql = _FIND.format(query=asked, wanted=wanted, ranked=RANKED_MAX)
    with connection.cursor() as cursor:
        cursor.execute(sql, [f"'={owner}'", *params, *wanted_params, owner, *params, limit, offset])
        return [pk for (pk,) in cursor.fetchall()]


def matches(query: SearchQuery) -> RawSQL:
    """Say which search entries match, of whomever: a condition of queries of `SearchEntry`."""
    asked, params = _tsquery(query)
    wanted, wanted_params = _wanted(query)
    sql = f"vector @@ {asked} AND numnode({wanted}) > 0"
    return RawSQL(sql, [*params, *wanted_params], output_field=BooleanField())  # noqa: S611  # parameters are bound


def best_of(conversations: Iterable[UUID], query: SearchQuery) -> dict[UUID, int]:
    """Return the entry of the message that matches best, of each conversation that has one."""
    asked, params = _tsquery(query)
    with connection.cursor() as cursor:
        cursor.execute(_BEST.format(query=asked), [list(conversations), *params, *params])
        return dict(cursor.fetchall())


def marked(entries: list[int], query: SearchQuery) -> dict[int, str]:
    """Return the texts of entries as they were searched, with marks around what matched."""
    asked, params = _tsquery(query)
    with connection.cursor() as cursor:
        cursor.execute(_MARK.format(query=asked), [*params, _HIGHLIGHT, entries])
        return dict(cursor.fetchall())


def _wanted(query: SearchQuery) -> Sql:
    parts = [_PHRASE for _ in query.wanted]
    params = list(query.wanted)
    if query.prefix:
        parts.append(_PREFIX)
        params += [f"'{query.prefix}':*"] * 2
    return f"({' && '.join(parts)})", params


def _tsquery(query: SearchQuery) -> Sql:
    wanted, params = _wanted(query)
    unwanted = "".join(f" && !!{_PHRASE}" for _ in query.unwanted)
    return f"({wanted}{unwanted})", [*params, *query.unwanted]
