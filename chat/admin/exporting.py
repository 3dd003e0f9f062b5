"""What a list has found, taken out as a file: the way there from the list, and the page that asks how."""

from __future__ import annotations

import copy
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.admin import counted
from chat.admin.keyset import AFTER, BEFORE
from chat.models import Export, FileFormat, Record, User
from chat.models.access import REASON_MAX_CHARS
from chat.models.export import QUERY_MAX_CHARS

# Of a list's address: its page, its order, and what Django adds after an error.
_NOT_OF_THE_SET = (BEFORE, AFTER, "p", "o", "e", "all")


class ExportForm(forms.Form):
    """How a file is to be, and why somebody wants it."""

    format = forms.ChoiceField(
        label=gettext_lazy("Format"), choices=FileFormat.choices, widget=forms.RadioSelect
    )
    redacted = forms.BooleanField(
        label=gettext_lazy("Take out e-mail addresses, phone and card numbers, and keys"),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "They become [e-mail], [phone], [card] and [key] in what people and models wrote. It goes by how such "
            "things are written: names and streets stay, and so do usernames."
        ),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=REASON_MAX_CHARS,
        help_text=gettext_lazy("It is kept in the access log."),
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"format": FileFormat.CSV}, **kwargs})
        self.fields["reason"].required = settings.ACCESS_REASON == "required"
        if settings.ACCESS_REASON == "off":
            del self.fields["reason"]

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        return reason.replace("\x00", "")


class ExportedAdmin(admin.ModelAdmin):
    """Lets who has the right to take out what its list has found."""

    def get_urls(self) -> list[URLPattern]:
        asks = self.admin_site.admin_view(self.export_view)
        name = f"chat_{self.opts.model_name}_export"
        return [path("export/", asks, name=name), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        page = f"admin:chat_{self.opts.model_name}_export"
        query = set_query(request.GET)
        link = f"{reverse(page)}?{query}" if query else reverse(page)
        context = {**(extra_context or {}), "export_link": may_export(request) and link}
        return super().changelist_view(request, context)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Ask how the file is to be; make an export of it, and lead to its page."""
        if not (may_export(request) and self.has_view_permission(request)):
            raise PermissionDenied
        query = set_query(request.GET)
        if len(query) > QUERY_MAX_CHARS:
            raise SuspiciousOperation("a query too long to keep")
        try:
            rows = found(self, request, query)
        except NothingToFindError:
            # The list says what is wrong.
            return HttpResponseRedirect(self._list_link(query))
        form = ExportForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            export = self._exported(request, query, rows, form.cleaned_data)
            return HttpResponseRedirect(reverse("admin:chat_export_change", args=[export.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Export: %(what)s") % {"what": self.opts.verbose_name_plural},
            "opts": self.opts,
            "form": form,
            "rows": counted.in_words(counted.counted(rows)),
            "narrowed": narrowed(self, query),
            "list_link": self._list_link(query),
        }
        return render(request, "admin/chat/export/ask.html", context)

    def _list_link(self, query: str) -> str:
        page = reverse(f"admin:chat_{self.opts.model_name}_changelist")
        return f"{page}?{query}" if query else page

    def _exported(
        self, request: HttpRequest, query: str, rows: QuerySet, chosen: dict[str, Any]
    ) -> Export:
        return Export.objects.create(
            who=cast("User", request.user),
            what=Record(str(self.opts.model_name)),
            query=query,
            format=chosen["format"],
            redacted=chosen["redacted"],
            reason=chosen.get("reason", ""),
            rows_found=counted.counted(rows),
        )


def may_export(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("chat.export_record"))


class NothingToFindError(Exception):
    """The list finds nothing by this query, and says why."""


def found(model_admin: Any, request: HttpRequest, query: str) -> QuerySet:
    """Give the rows that the list would show with this query. Raises `NothingToFindError`."""
    as_list = copy.copy(request)
    as_list.GET = QueryDict(query)
    try:
        changelist = model_admin.get_changelist_instance(as_list)
    except IncorrectLookupParameters:
        raise NothingToFindError(query) from None
    if getattr(changelist, "trouble", ""):
        raise NothingToFindError(query)
    rows: QuerySet = changelist.queryset
    return rows


def set_query(given: QueryDict) -> str:
    """Keep of a list's address what says which rows are in it."""
    said = [
        (name, value)
        for name, values in given.lists()
        for value in values
        if value and name not in _NOT_OF_THE_SET
    ]
    return urlencode(said)


def narrowed(model_admin: Any, query: str) -> list[tuple[str, str]]:
    """Give filters and search as names and values, for a person to see what is taken out."""
    forms = [form for each in model_admin.list_filter if (form := getattr(each, "form", None))]
    names = {name: field.label for form in forms for name, field in form.base_fields.items()}
    names["q"] = _("search")
    return [(capfirst(names.get(name) or name), value) for name, value in parse_qsl(query)]
