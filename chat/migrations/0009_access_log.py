"""The access log, and what keeps PostgreSQL from changing it. SQLite's guard is in chat/models/access_guard.py."""

import django.db.models.functions.datetime
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GUARD = [
    """
CREATE FUNCTION chat_access_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the access log is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$""",
    # One for all three: a statement that would change nothing is refused too.
    """
CREATE TRIGGER access_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON chat_access
FOR EACH STATEMENT EXECUTE FUNCTION chat_access_refuse()""",
]

GONE = [
    "DROP TRIGGER access_no_change ON chat_access",
    "DROP FUNCTION chat_access_refuse",
]


def guard(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _on_postgresql(schema_editor, GUARD)


def unguard(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _on_postgresql(schema_editor, GONE)


def _on_postgresql(schema_editor: BaseDatabaseSchemaEditor, statements: list[str]) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in statements:
            schema_editor.execute(statement, None)


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0008_words'),
    ]

    operations = [
        migrations.CreateModel(
            name='Access',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='time')),
                ('reader', models.BigIntegerField(verbose_name='id of the reader')),
                ('reader_name', models.CharField(max_length=150, verbose_name='reader')),
                ('what', models.CharField(choices=[('transcript', 'transcript'), ('message', 'message'), ('messages', 'list of messages'), ('conversation', 'title of a conversation'), ('conversations', 'list of conversations'), ('generation', 'generation'), ('generations', 'list of generations')], max_length=13, verbose_name='what was shown')),
                ('conversation', models.UUIDField(blank=True, null=True, verbose_name='conversation')),
                ('owner', models.BigIntegerField(blank=True, null=True, verbose_name='id of the owner')),
                ('owner_name', models.CharField(blank=True, max_length=150, verbose_name='owner')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('query', models.CharField(blank=True, max_length=500, verbose_name='searched for')),
                ('address', models.CharField(blank=True, max_length=64, verbose_name='address')),
            ],
            options={
                'verbose_name': 'access',
                'verbose_name_plural': 'access log',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['-at'], name='access_newest'), models.Index(fields=['reader_name', '-id'], name='access_of_reader'), models.Index(fields=['owner_name', '-id'], name='access_of_owner_name'), models.Index(fields=['owner', '-id'], name='access_of_owner'), models.Index(fields=['conversation', '-id'], name='access_of_conversation')],
            },
        ),
        migrations.RunPython(guard, unguard),
    ]
