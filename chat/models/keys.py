"""Primary keys as parameters of raw SQL."""

import uuid

from django.db import connection


def as_param(key: uuid.UUID) -> uuid.UUID | str:
    """Give a uuid as its column holds it: SQLite has no such type and keeps the 32 hex digits."""
    return key if connection.features.has_native_uuid_field else key.hex
