"""Indexes for the lists of the admin: by place, and by what is rare."""

import django.db.models.expressions
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def let_it_take_its_time(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET LOCAL statement_timeout = 0")


def look_at_sums(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Nothing else would make PostgreSQL count how the sums of an index are spread before many rows have changed."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ANALYZE chat_generation")


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0012_reviews'),
    ]

    operations = [
        migrations.RunPython(let_it_take_its_time, migrations.RunPython.noop),
        migrations.RemoveIndex(
            model_name='conversation',
            name='conversation_newest',
        ),
        migrations.RemoveIndex(
            model_name='generation',
            name='generation_newest',
        ),
        migrations.RemoveIndex(
            model_name='message',
            name='message_newest',
        ),
        migrations.AddIndex(
            model_name='access',
            index=models.Index(fields=['what', '-id'], name='access_of_kind'),
        ),
        migrations.AddIndex(
            model_name='conversation',
            index=models.Index(fields=['-updated_at', '-id'], name='conversation_newest'),
        ),
        migrations.AddIndex(
            model_name='conversation',
            index=models.Index(condition=models.Q(('deleted_at__isnull', False)), fields=['-updated_at', '-id'], name='conversation_deleted'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['-created_at', '-id'], name='generation_newest'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(condition=models.Q(('status__in', ('completed',)), _negated=True), fields=['status', '-created_at', '-id'], name='generation_of_status'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(condition=models.Q(('code__in', ('',)), _negated=True), fields=['code', '-created_at', '-id'], name='generation_of_code'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(condition=models.Q(('finish_reason__in', ('', 'stop')), _negated=True), fields=['finish_reason', '-created_at', '-id'], name='generation_of_finish_reason'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['model', '-created_at', '-id'], name='generation_of_model'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(django.db.models.expressions.CombinedExpression(models.F('input_tokens'), '+', models.F('output_tokens')), name='generation_of_tokens'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['cost'], name='generation_of_cost'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['total_ms'], name='generation_of_duration'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['-created_at', '-id'], name='message_newest'),
        ),
        migrations.AddIndex(
            model_name='rating',
            index=models.Index(fields=['value', 'message'], name='rating_of_value'),
        ),
        migrations.RunPython(look_at_sums, migrations.RunPython.noop),
    ]
