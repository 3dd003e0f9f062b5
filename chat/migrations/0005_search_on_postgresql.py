"""PostgreSQL's index of titles and messages. SQLite's is made after each `migrate` (chat/search/sqlite_index.py)."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# A vector may have 1 MiB: this many characters stay under it whatever they are.
_SEARCHED_CHARS = 100_000

# Character by character, so that a match stands in the text where it stands in what was searched. Punctuation
# parts words (else `chat.models` were a host's name and one word), ё is е, and Cyrillic has no case even where the
# database's locale knows ASCII alone.
_UPPER = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯё"
_LOWER = "абвгдеежзийклмнопрстуфхцчшщъыьэюяе"
_PARTING = "!\"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~\x02\x03"
_SPACES = " " * (len(_PARTING) - 1)

STATEMENTS = [
    # A million messages take longer than a request may.
    "SET LOCAL statement_timeout = 0",
    "ALTER TABLE chat_searchentry ADD COLUMN vector tsvector",
    f"""
CREATE FUNCTION chat_searchable(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT translate(left(said, {_SEARCHED_CHARS}), '{_UPPER}{_PARTING}', '{_LOWER}{_SPACES}')
$$""",
    """
CREATE FUNCTION chat_search_vector(conversation uuid, said text) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT to_tsvector('russian', chat_searchable(said)) || array_to_tsvector(ARRAY['=' || c.owner_id])
    FROM chat_conversation c WHERE c.id = conversation
$$""",
    """
CREATE FUNCTION chat_search_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO chat_searchentry (conversation_id, message_id, vector)
    VALUES (NEW.conversation_id, NEW.id, chat_search_vector(NEW.conversation_id, NEW.content))
    ON CONFLICT (message_id) DO UPDATE SET vector = EXCLUDED.vector;
    RETURN NULL;
END $$""",
    """
CREATE FUNCTION chat_search_title() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO chat_searchentry (conversation_id, vector)
    VALUES (NEW.id, chat_search_vector(NEW.id, NEW.title))
    ON CONFLICT (conversation_id) WHERE message_id IS NULL DO UPDATE SET vector = EXCLUDED.vector;
    RETURN NULL;
END $$""",
    """
CREATE TRIGGER search_message_made AFTER INSERT ON chat_message
FOR EACH ROW WHEN (NEW.content <> '') EXECUTE FUNCTION chat_search_message()""",
    """
CREATE TRIGGER search_message_changed AFTER UPDATE OF content ON chat_message
FOR EACH ROW WHEN (OLD.content <> NEW.content) EXECUTE FUNCTION chat_search_message()""",
    """
CREATE TRIGGER search_title_made AFTER INSERT ON chat_conversation
FOR EACH ROW EXECUTE FUNCTION chat_search_title()""",
    """
CREATE TRIGGER search_title_changed AFTER UPDATE OF title ON chat_conversation
FOR EACH ROW WHEN (OLD.title <> NEW.title) EXECUTE FUNCTION chat_search_title()""",
    """
INSERT INTO chat_searchentry (conversation_id, message_id, vector)
SELECT id, NULL, chat_search_vector(id, title) FROM chat_conversation""",
    """
INSERT INTO chat_searchentry (conversation_id, message_id, vector)
SELECT conversation_id, id, chat_search_vector(conversation_id, content)
FROM chat_message WHERE content <> '' ORDER BY created_at""",
    # An index is not made while rows wait for the check of their foreign keys.
    "SET CONSTRAINTS ALL IMMEDIATE",
    "CREATE INDEX search_vector ON chat_searchentry USING gin (vector)",
]

GONE = [
    "SET CONSTRAINTS ALL IMMEDIATE",
    "DROP TRIGGER search_message_made ON chat_message",
    "DROP TRIGGER search_message_changed ON chat_message",
    "DROP TRIGGER search_title_made ON chat_conversation",
    "DROP TRIGGER search_title_changed ON chat_conversation",
    "DROP FUNCTION chat_search_title",
    "DROP FUNCTION chat_search_message",
    "DROP FUNCTION chat_search_vector",
    "DROP FUNCTION chat_searchable",
    "ALTER TABLE chat_searchentry DROP COLUMN vector",
]


def make(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in STATEMENTS:
            schema_editor.execute(statement, None)


def remove(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # Made anew, both indexes are filled from the record.
    schema_editor.execute("DELETE FROM chat_searchentry", None)
    if schema_editor.connection.vendor == "postgresql":
        for statement in GONE:
            schema_editor.execute(statement, None)
    else:
        schema_editor.execute("DROP TABLE IF EXISTS chat_search", None)


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0004_presets_ratings_search'),
    ]

    operations = [
        migrations.RunPython(make, remove),
    ]
