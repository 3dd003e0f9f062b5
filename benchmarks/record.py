"""A record of any size, made in PostgreSQL: people, conversations in two languages, answers, ratings, the search index.

Texts are put together from a pool of some thousands, of words as unevenly spread as in any language, so that a million
messages take a minute or two. Everything is drawn at random, from one seed: most answers are quick, cheap and complete,
a few are not; some people write a hundred times as much as others.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from benchmarks.texts import texts

SEED = 20
# Texts of long ago alone are so many of the pool.
OLD_SHARE = 1 / 40
OLD_DAYS = 600
USERS = 500
# A turn is a prompt and its answer; the mean of what a conversation has.
TURNS = 5
DAYS = 730

MODELS = {
    "zai-org/GLM-4.7": 0.55,
    "Qwen/Qwen3-235B": 0.25,
    "openai/gpt-oss-120b": 0.15,
    "ai-sage/GigaChat3": 0.045,
    "scripted/rare-1": 0.005,
}
CODES = {
    "provider_timeout": 0.6,
    "provider_unavailable": 0.3,
    "content_filtered": 0.09,
    "internal": 0.01,
}


@dataclass(frozen=True)
class Size:
    messages: int = 1_000_000

    @property
    def pool(self) -> int:
        """So many texts that a rare word is in few of them."""
        return min(12_000, 1_000 + self.messages // 20)

    @property
    def old(self) -> int:
        return int(self.pool * OLD_SHARE)

    @property
    def conversations(self) -> int:
        return self.messages // (2 * TURNS)


def fill(database: psycopg.Connection, size: Size) -> None:
    """Write the record into a migrated database that has none. The connection commits by itself and is a superuser's."""
    execute = database.execute
    execute("SET statement_timeout = 0")
    execute("SET idle_in_transaction_session_timeout = 0")
    execute("SET maintenance_work_mem = '512MB'")
    execute("SET work_mem = '256MB'")
    # No triggers: neither foreign keys, which hold by how the rows are made, nor those that index each text.
    execute("SET session_replication_role = replica")
    execute(f"SELECT setseed(0.{SEED})".encode())
    _write_pool(database, size)
    dropped = _drop_indexes(database)
    for statement in _statements(size):
        execute(statement.encode())
    for statement in dropped:
        execute(statement.encode())
    execute("DROP TABLE bench_pool, bench_turn, bench_conversation")
    execute("SET session_replication_role = DEFAULT")
    execute("VACUUM ANALYZE")


def _write_pool(database: psycopg.Connection, size: Size) -> None:
    database.execute("CREATE UNLOGGED TABLE bench_pool (n int, said text)")
    with database.cursor().copy("COPY bench_pool FROM STDIN") as copy:
        for row in enumerate(texts(size.pool, size.old, SEED)):
            copy.write_row(row)
    database.execute(
        "ALTER TABLE bench_pool ADD PRIMARY KEY (n), ADD COLUMN vector tsvector "
        "GENERATED ALWAYS AS (to_tsvector('russian', chat_searchable(said))) STORED"
    )


def _drop_indexes(database: psycopg.Connection) -> list[str]:
    """Drop what no constraint needs, and give how to make it again: a table is filled faster without."""
    rows = database.execute("""
        SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
        JOIN pg_class t ON t.oid = i.indrelid
        WHERE t.relname IN ('chat_conversation', 'chat_message', 'chat_generation', 'chat_searchentry', 'chat_rating')
        AND NOT i.indisprimary AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
        AND NOT i.indisunique""").fetchall()
    for name, _made in rows:
        database.execute(f"DROP INDEX {name}".encode())
    return [made for _name, made in rows]


def _chosen(shares: dict[str, float], drawn: str) -> str:
    """Give SQL that turns a number between 0 and 1 into one of the names."""
    sums = itertools.accumulate(shares.values())
    cases = [
        f"WHEN {drawn} < {most:.4f} THEN '{name}'" for name, most in zip(shares, sums, strict=True)
    ]
    return f"CASE {' '.join(cases)} ELSE '{next(iter(shares))}' END"


def _any_text(size: Size) -> str:
    recent = f"{size.old} + random() * {size.pool - size.old}"
    is_old = f"c.at < now() - interval '{OLD_DAYS} days'"
    return f"floor(CASE WHEN {is_old} THEN random() * {size.pool} ELSE {recent} END)::int"


def _statements(size: Size) -> Iterator[str]:
    yield f"""
        INSERT INTO chat_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
            date_joined)
        SELECT '!', false, 'person' || to_char(n, 'FM0000'), '', '', '', false, true, now() - interval '{DAYS} days'
        FROM generate_series(1, {USERS}) n"""
    yield f"""
        CREATE UNLOGGED TABLE bench_conversation AS
        SELECT gen_random_uuid() AS id, people.ids[1 + floor({USERS} * random() ^ 3)::int] AS owner,
            1 + floor(-ln(1 - random()) * {TURNS - 0.5})::int AS turns,
            now() - random() * interval '{DAYS} days' AS at, random() AS chance
        FROM (SELECT array_agg(id ORDER BY id) AS ids FROM chat_user WHERE username LIKE 'person%') people,
            generate_series(1, {size.conversations})"""
    yield f"""
        CREATE UNLOGGED TABLE bench_turn AS
        SELECT c.id AS conversation, c.owner, turn, c.turns, least(c.at + turn * interval '90 seconds', now()) AS at,
            gen_random_uuid() AS prompt, gen_random_uuid() AS answer, gen_random_uuid() AS generation,
            {_any_text(size)} AS asked, {_any_text(size)} AS said, {_any_text(size)} AS said_too, random() AS outcome, random() AS chance,
            random() AS rated, random() AS named, least(exp(random_normal(8, 1)), 2e6) AS ms
        FROM bench_conversation c, generate_series(1, c.turns) turn"""
    yield "CREATE INDEX ON bench_turn (conversation, turn)"
    yield """
        INSERT INTO chat_conversation (id, owner_id, title, title_source, head_id, model, params, pinned, archived, tags,
            revision, created_at, updated_at, revised_at, deleted_at)
        SELECT c.id, c.owner, left(p.said, 60), 'prompt', t.answer, '', '{}', false, c.chance < 0.1, '[]', c.turns * 2,
            c.at, t.at + interval '30 seconds', t.at, CASE WHEN c.chance > 0.97 THEN t.at + interval '1 day' END
        FROM bench_conversation c JOIN bench_turn t ON t.conversation = c.id AND t.turn = c.turns
        JOIN bench_pool p ON p.n = t.asked ORDER BY t.at"""
    yield """
        INSERT INTO chat_message (id, conversation_id, parent_id, role, content, reasoning, revision, created_at)
        SELECT * FROM (
            SELECT t.prompt, t.conversation, before.answer, 'user', p.said, '', t.turn * 2 - 1, t.at AS at
            FROM bench_turn t JOIN bench_pool p ON p.n = t.asked
            LEFT JOIN bench_turn before ON before.conversation = t.conversation AND before.turn = t.turn - 1
            UNION ALL
            SELECT t.answer, t.conversation, t.prompt, 'assistant', p.said || ' ' || q.said, '', t.turn * 2,
                t.at + interval '20 seconds'
            FROM bench_turn t JOIN bench_pool p ON p.n = t.said JOIN bench_pool q ON q.n = t.said_too
        ) messages ORDER BY at"""
    yield f"""
        INSERT INTO chat_generation (id, message_id, conversation_id, owner_id, status, model, params, created_at,
            started_at, ended_at, seq, finish_reason, code, retryable, detail, input_tokens, output_tokens,
            usage_estimated, cost, omitted, queue_ms, ttft_ms, total_ms, chunks, chars, content_chars, reasoning_chars)
        SELECT generation, answer, conversation, owner,
            CASE WHEN outcome < 0.93 THEN 'completed' WHEN outcome < 0.96 THEN 'failed'
                WHEN outcome < 0.99 THEN 'cancelled' ELSE 'interrupted' END,
            {_chosen(MODELS, "named")}, '{{}}', at, at, at + ms * interval '1 millisecond', 3,
            CASE WHEN outcome < 0.87 THEN 'stop' WHEN outcome < 0.925 THEN 'length'
                WHEN outcome < 0.93 THEN 'content_filter' ELSE '' END,
            CASE WHEN outcome BETWEEN 0.93 AND 0.96 THEN {_chosen(CODES, "chance")} ELSE '' END,
            false, '', (ms / 20)::int, (ms / 30)::int, false, (ms / 40000)::numeric(14, 6), 0, 0, (ms / 10)::int,
            ms::int, (ms / 40)::int, (ms / 8)::int, (ms / 8)::int, 0
        FROM bench_turn ORDER BY at"""
    yield """
        INSERT INTO chat_rating (user_id, message_id, value, reason, comment, created_at, updated_at)
        SELECT owner, answer, CASE WHEN rated < 0.04 THEN 'up' ELSE 'down' END,
            CASE WHEN rated > 0.05 THEN 'wrong' ELSE '' END, '', at, at
        FROM bench_turn WHERE rated < 0.06 ORDER BY at"""
    withdrawn = "(rated > 0.065 AND outcome NOT BETWEEN 0.93 AND 0.96)"
    yield f"""
        INSERT INTO chat_review (message_id, conversation_id, failed, rated_down, flagged, model, code, rating_reason,
            since, assigned_name, resolved_at, resolved_by_name, outcome)
        SELECT answer, conversation, outcome BETWEEN 0.93 AND 0.96, rated BETWEEN 0.04 AND 0.06,
            rated BETWEEN 0.06 AND 0.065, {_chosen(MODELS, "named")},
            CASE WHEN outcome BETWEEN 0.93 AND 0.96 THEN {_chosen(CODES, "chance")} ELSE '' END,
            CASE WHEN rated BETWEEN 0.05 AND 0.06 THEN 'incorrect' ELSE '' END,
            at, '', CASE WHEN {withdrawn} OR asked % 2 = 0 THEN now() END, '',
            CASE WHEN {withdrawn} THEN 'withdrawn' WHEN asked % 2 = 0 THEN 'fine' ELSE '' END
        FROM bench_turn WHERE outcome BETWEEN 0.93 AND 0.96 OR rated BETWEEN 0.04 AND 0.11 ORDER BY at"""
    yield """
        INSERT INTO chat_searchentry (conversation_id, message_id, vector)
        SELECT conversation, message, vector || array_to_tsvector(ARRAY['=' || owner]) FROM (
            SELECT t.conversation, NULL::uuid AS message, p.vector, t.owner, t.at
            FROM bench_turn t JOIN bench_pool p ON p.n = t.asked WHERE t.turn = t.turns
            UNION ALL
            SELECT t.conversation, t.prompt, p.vector, t.owner, t.at FROM bench_turn t JOIN bench_pool p ON p.n = t.asked
            UNION ALL
            SELECT t.conversation, t.answer, p.vector || q.vector, t.owner, t.at + interval '20 seconds'
            FROM bench_turn t JOIN bench_pool p ON p.n = t.said JOIN bench_pool q ON q.n = t.said_too
        ) entries ORDER BY at"""
    yield f"""
        INSERT INTO chat_access (at, reader, reader_name, what, conversation, owner, owner_name, reason, query, address)
        SELECT at, 1, 'auditor' || (1 + floor(random() * 9)), CASE WHEN chance < 0.0001 THEN 'export'
            WHEN chance < 0.3 THEN 'transcript' ELSE 'conversations' END,
            conversation, owner, 'person' || to_char(1 + floor({USERS} * random() ^ 3), 'FM0000'), '', '', ''
        FROM bench_turn ORDER BY at"""
    yield (
        "INSERT INTO chat_languagemodel (name, title, listed, enabled, is_default, demo, rank, seen_at) VALUES "
        + (
            ", ".join(
                f"('{name}', '', true, true, false, false, {n}, now())"
                for n, name in enumerate(MODELS)
            )
        )
    )
