"""SQLite's index of titles and messages, kept by triggers: whatever writes a text, it can be found.

Django alters a table of SQLite by making it anew, which loses its triggers and is refused while others name it: so
they go before each `migrate` and come back after it. (PostgreSQL's index is made once, by a migration.)
"""

from __future__ import annotations

from typing import Any

from django.db import connections

_TRIGGERS = {
    "search_entry_made": """AFTER INSERT ON chat_searchentry BEGIN
        INSERT INTO chat_search (rowid, owner, text)
        SELECT id, owner, text FROM chat_searchtext WHERE id = NEW.id;
    END""",
    # FTS5 forgets a row by being told again what it held.
    "search_entry_gone": """BEFORE DELETE ON chat_searchentry BEGIN
        INSERT INTO chat_search (chat_search, rowid, owner, text)
        SELECT 'delete', id, owner, text FROM chat_searchtext WHERE id = OLD.id;
    END""",
    "search_message_made": """AFTER INSERT ON chat_message WHEN NEW.content <> '' BEGIN
        INSERT INTO chat_searchentry (conversation_id, message_id) VALUES (NEW.conversation_id, NEW.id);
    END""",
    "search_message_changes": """BEFORE UPDATE OF content ON chat_message
    WHEN OLD.content <> NEW.content BEGIN
        DELETE FROM chat_searchentry WHERE message_id = OLD.id;
    END""",
    "search_message_changed": """AFTER UPDATE OF content ON chat_message
    WHEN OLD.content <> NEW.content BEGIN
        INSERT INTO chat_searchentry (conversation_id, message_id) VALUES (NEW.conversation_id, NEW.id);
    END""",
    "search_title_made": """AFTER INSERT ON chat_conversation BEGIN
        INSERT INTO chat_searchentry (conversation_id) VALUES (NEW.id);
    END""",
    "search_title_changes": """BEFORE UPDATE OF title ON chat_conversation
    WHEN OLD.title <> NEW.title BEGIN
        DELETE FROM chat_searchentry WHERE conversation_id = OLD.id AND message_id IS NULL;
    END""",
    "search_title_changed": """AFTER UPDATE OF title ON chat_conversation
    WHEN OLD.title <> NEW.title BEGIN
        INSERT INTO chat_searchentry (conversation_id) VALUES (NEW.id);
    END""",
}

_DROP = [
    *(f"DROP TRIGGER IF EXISTS {name}" for name in _TRIGGERS),
    "DROP VIEW IF EXISTS chat_searchtext",
]

_CREATE = [
    # As many characters of a message as on PostgreSQL, where a vector has its limit.
    """
CREATE VIEW IF NOT EXISTS chat_searchtext AS
SELECT e.id, 'u' || c.owner_id AS owner, replace(replace(replace(replace(
    substr(coalesce(m.content, c.title), 1, 100000),
    'ё', 'е'), 'Ё', 'Е'), char(2), ' '), char(3), ' ') AS text
FROM chat_searchentry e
JOIN chat_conversation c ON c.id = e.conversation_id LEFT JOIN chat_message m ON m.id = e.message_id
WHERE e.message_id IS NULL OR m.id IS NOT NULL""",
    """
CREATE VIRTUAL TABLE IF NOT EXISTS chat_search USING fts5(
    owner, text, content='chat_searchtext', content_rowid='id',
    tokenize='unicode61 remove_diacritics 2', prefix='2 3')""",
    *(f"CREATE TRIGGER IF NOT EXISTS {name} {body}" for name, body in _TRIGGERS.items()),
    # What was written while there were no triggers.
    """
INSERT INTO chat_searchentry (conversation_id) SELECT id FROM chat_conversation c
WHERE NOT EXISTS (SELECT 1 FROM chat_searchentry WHERE conversation_id = c.id AND message_id IS NULL)""",
    """
INSERT INTO chat_searchentry (conversation_id, message_id)
SELECT conversation_id, id FROM chat_message
WHERE content <> '' AND id NOT IN (SELECT message_id FROM chat_searchentry WHERE message_id IS NOT NULL)
ORDER BY created_at""",
]


def drop_before_migrate(using: str, **_: Any) -> None:
    _on_sqlite(using, _DROP)


def create_after_migrate(using: str, **_: Any) -> None:
    _on_sqlite(using, _CREATE)


def _on_sqlite(using: str, statements: list[str]) -> None:
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        if "chat_searchentry" in connection.introspection.table_names(cursor):
            for statement in statements:
                cursor.execute(statement)
