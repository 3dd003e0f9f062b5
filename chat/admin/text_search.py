"""Search of the record: by the full-text index over everyone's words, by username, and by uuid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from chat.admin.excerpts import Hit
from chat.admin.few import by_key_if_few
from chat.admin.filter_forms import MOST_CALLED_SO, people_called
from chat.admin.keyset import KeysetChangeList
from chat.admin.read_only import as_uuid, may_view
from chat.admin.reason import kept_reasons
from chat.admin.recorded import RecordedAdmin
from chat.models import Message, SearchEntry
from chat.search import SearchQuery, parse, postgres, sqlite


class FoundChangeList(KeysetChangeList):
    """Rows know as `hit` what of them was found, where that may be shown."""

    def _rows(self, keys: Any) -> list[Any]:
        rows = super()._rows(keys)
        said = self.query.replace("\x00", "").strip()
        admin = cast("TextSearchAdmin", self.model_admin)
        return admin.with_hits(self.request, rows, said)

    def get_results(self, request: HttpRequest) -> None:
        self.request = request
        super().get_results(request)


class TextSearchAdmin(RecordedAdmin):
    """What is typed is a uuid, or a username or how it begins, or words: as people search in the chat."""

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[KeysetChangeList]:
        return FoundChangeList

    def searched(self, request: HttpRequest, queryset: QuerySet, said: str) -> QuerySet:
        if not said:
            return queryset
        uuid = as_uuid(said)
        return queryset.filter(self.with_uuid(uuid) if uuid else self._with_words(request, said))

    def _with_words(self, request: HttpRequest, said: str) -> Q:
        query = parse(said)
        parts = [] if query.is_empty else [self.with_words(request, _entries(request, query))]
        people = people_called(said)
        if 0 < len(people) <= MOST_CALLED_SO:
            parts.append(self.of_people(people))
        if len(parts) > 1:
            # An "or" would look at every row.
            keys = [self.model.objects.filter(part).order_by().values("pk") for part in parts]
            return Q(pk__in=keys[0].union(*keys[1:]))
        return parts[0] if parts else Q(pk__in=[])

    def with_uuid(self, uuid: UUID) -> Q:
        """Say which rows that uuid finds."""
        raise NotImplementedError

    def with_words(self, request: HttpRequest, entries: QuerySet[SearchEntry]) -> Q:
        """Say which rows those entries of the search index find."""
        raise NotImplementedError

    def of_people(self, people: list[int]) -> Q:
        """Say which rows are of those people."""
        raise NotImplementedError

    def with_hits(self, request: HttpRequest, rows: list[Any], said: str) -> list[Any]:
        """Give each row the `hit` to be shown of it, if there is one."""
        query = parse(said)
        if rows and not query.is_empty and not as_uuid(said) and may_view(request, Message):
            hits = self.hits(rows_with_reason(request, rows), query)
            for row in rows:
                row.hit = hits.get(row.pk)
        return rows

    def hits(self, rows: list[Any], query: SearchQuery) -> dict[UUID, Hit]:
        """Give what is to be shown of rows; nothing unless a list shows words."""
        return {}


def rows_with_reason(request: HttpRequest, rows: Iterable[Any]) -> list[Any]:
    """Leave out those of whose words nothing is shown yet: a reason is required that was not given."""
    if settings.ACCESS_REASON != "required":
        return list(rows)
    given = kept_reasons(request)
    return [row for row in rows if str(getattr(row, "conversation_id", row.pk)) in given]


def _entries(request: HttpRequest, query: SearchQuery) -> QuerySet[SearchEntry]:
    """Search titles, and what was said for who may read that."""
    search = postgres if connection.vendor == "postgresql" else sqlite
    found = SearchEntry.objects.filter(search.matches(query))
    if not may_view(request, Message):
        found = found.filter(message__isnull=True)
    return by_key_if_few(found)
