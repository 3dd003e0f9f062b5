"""Lists that are paged by place: a page before or after a row, however far down, with no row counted or skipped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db.models import F, Model, OrderBy, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.timezone import is_naive
from django.utils.translation import gettext_lazy as _

from chat.admin.time_limit import TooSlowError, time_limit

# In the URL: the page of what comes earlier or later in time than a place.
BEFORE, AFTER = "before", "after"
_BETWEEN = "~"
# To walk along the list until a page is full, and if that is not it, to gather all that matches and sort it.
WALK_SECONDS = 0.4
LIST_SECONDS = 5.0

_NO_SUCH_FILTER = _("There is no filter called {name}.")
_NO_SUCH_PLACE = _("There is no such page of the list.")
_TOO_SLOW = _(
    "To find that takes the database too long. Narrow it down: to one user, to some days, or by a rarer word."
)


class KeysetChangeList(ChangeList):
    """In the admin's order: of fields that all descend, or all ascend, of which the last is unique.

    `trouble` says why no rows are shown, if they are not.
    """

    is_keyset = True
    trouble: str | Promise = ""
    has_next = has_previous = False
    order: Sequence[str] = ()

    @property
    def is_oldest_first(self) -> bool:
        return not self.order[0].startswith("-")

    @property
    def fields(self) -> list[str]:
        return [name.removeprefix("-") for name in self.order]

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: list[str | None] | None = None
    ) -> QuerySet:
        # What a form left empty says nothing, and a place is none of what is kept from page to page.
        for name, values in list(self.filter_params.items()):
            if name in (BEFORE, AFTER) or not any(values):
                self._forget(name)
        for name in self._unknown():
            self._forget(name)
            self.trouble = str(_NO_SUCH_FILTER).format(name=name)
        rows: QuerySet = super().get_queryset(request, exclude_parameters)
        return rows.none() if self.trouble else rows

    def _unknown(self) -> list[str]:
        """Give the parameters that no filter reads: Django would take them for conditions."""
        forms = [getattr(each, "form", None) for each in self.list_filter]
        if None in forms:
            return []
        known = {name for form in forms if form for name in form.base_fields}
        return [name for name in self.get_filters_params() if name not in known]

    def _forget(self, name: str) -> None:
        self.filter_params.pop(name)
        self.params.pop(name, None)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[Any]:
        """Give the one order that has an index, whatever the URL says."""
        self.order = cast("Sequence[str]", self.model_admin.get_ordering(request))
        return list(self.order)

    def get_results(self, request: HttpRequest) -> None:
        """Read one page."""
        for spec in self.filter_specs:
            self.trouble = self.trouble or _trouble_of(spec)
        rows = [] if self.trouble else self._page(request)
        self.result_list = rows
        # As many as there are: a page does not say how many others.
        self.result_count = self.full_result_count = len(rows)
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.show_admin_actions = bool(rows)
        self.paginator = None

    def _page(self, request: HttpRequest) -> list[Any]:
        try:
            keys = self._keys(request)
        except ValidationError:
            self.trouble = _NO_SUCH_PLACE
            return []
        except TooSlowError:
            self.trouble = _TOO_SLOW
            return []
        return self._rows(keys)

    def _keys(self, request: HttpRequest) -> list[Any]:
        """Find which rows: with nothing else to carry along, sorting and joining stay cheap."""
        onward, back = self._sides
        if request.GET.get(back) and not request.GET.get(onward):
            found = self._some(self._from(request, back).reverse())
            self.has_previous, self.has_next = len(found) > self.list_per_page, True
            if self.has_previous:
                return found[self.list_per_page - 1 :: -1]
        # What comes before it does not fill a page: that is the first.
        place = request.GET.get(onward)
        found = self._some(self._from(request, onward) if place else self.queryset)
        self.has_previous, self.has_next = bool(place), len(found) > self.list_per_page
        return found[: self.list_per_page]

    @property
    def _sides(self) -> tuple[str, str]:
        return (AFTER, BEFORE) if self.is_oldest_first else (BEFORE, AFTER)

    def _some(self, rows: QuerySet) -> list[Any]:
        """What is only far down is better not looked for from the top: the second order has no index to walk along."""
        keys = rows.values_list("pk", flat=True)
        try:
            with time_limit(WALK_SECONDS):
                return list(keys[: self.list_per_page + 1])
        except TooSlowError:
            with time_limit(LIST_SECONDS):
                return list(keys.order_by(*self._unwalked())[: self.list_per_page + 1])

    def _unwalked(self) -> list[OrderBy]:
        values = [Coalesce(name, name) for name in self.fields]
        return [value.asc() if self.is_oldest_first else value.desc() for value in values]

    def _from(self, request: HttpRequest, side: str) -> QuerySet:
        """As one comparison of rows, which an index can seek."""
        values = self._values(request.GET[side])
        if len(values) == 1:
            lookup = "lt" if side == BEFORE else "gt"
            wanted = Q(**{f"{self.fields[0]}__{lookup}": values[0]})
        else:
            key: Any = Tuple(*map(F, self.fields))
            wanted = Q((TupleLessThan if side == BEFORE else TupleGreaterThan)(key, values))
        rows: QuerySet = self.queryset.filter(wanted)
        return rows

    def _values(self, place: str) -> tuple[Any, ...]:
        parts = place.split(_BETWEEN)
        if len(parts) != len(self.fields):
            raise ValidationError(_NO_SUCH_PLACE)
        return tuple(map(self._value, self.fields, parts))

    def _value(self, name: str, text: str) -> Any:
        try:
            field: Any = self.lookup_opts.get_field(name)
            value = field.to_python(text)
            if isinstance(value, datetime):
                return _in_utc(value)
        except OverflowError as error:
            raise ValidationError(_NO_SUCH_PLACE) from error
        return value

    def _rows(self, keys: Sequence[Any]) -> list[Any]:
        if not keys:
            return []
        found = self.apply_select_related(self.root_queryset).in_bulk(keys)
        return [found[key] for key in keys if key in found]

    # -- Links ---------------------------------------------------------------------------------------

    @property
    def next_url(self) -> str:
        return self._url(self._sides[0], -1) if self.has_next else ""

    @property
    def previous_url(self) -> str:
        return self._url(self._sides[1], 0) if self.has_previous else ""

    @property
    def first_url(self) -> str:
        return str(self.get_query_string()) if self.has_previous else ""

    def _url(self, side: str, row: int) -> str:
        if not self.result_list:
            return str(self.get_query_string())
        return str(self.get_query_string({side: self._place(self.result_list[row])}))

    def _place(self, row: Model) -> str:
        values = (getattr(row, name) for name in self.fields)
        return _BETWEEN.join(
            value.isoformat() if isinstance(value, datetime) else str(value) for value in values
        )


def _in_utc(moment: datetime) -> datetime:
    if is_naive(moment):
        raise ValidationError(_NO_SUCH_PLACE)
    return moment.astimezone(UTC)


def _trouble_of(spec: Any) -> str | Promise:
    trouble: str | Promise = getattr(spec, "trouble", "")
    return trouble
