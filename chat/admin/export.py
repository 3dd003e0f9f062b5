"""Exports: what each takes out, how far it is, and its file. Each person sees their own."""

from __future__ import annotations

from typing import Any, cast

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from chat.admin.export_file import file_of
from chat.admin.export_progress import again, progress
from chat.admin.exporting import NothingToFindError, may_export, narrowed
from chat.admin.read_only import ReadOnlyAdmin
from chat.models import Export, ExportState, User

EARLIER = 10


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    """A list of exports, and a page of each with what is to be done with it."""

    list_display = ("created_at", "who", "what", "format", "state_in_words", "rows", "redacted")
    list_filter = ("what", "state")
    list_select_related = ("who",)
    sortable_by = ()
    change_form_template = "admin/chat/export/page.html"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_export(request) or super().has_view_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        exports: QuerySet[Export] = super().get_queryset(request)
        sees_all = super().has_view_permission(request)
        return exports if sees_all else exports.filter(who=cast("User", request.user))

    def get_urls(self) -> list[URLPattern]:
        views = {"file": self.file_view, "progress": self.progress_view, "cancel": self.cancel_view}
        own = [
            path(
                f"<uuid:export_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"chat_export_{name}",
            )
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def page_context(self, request: HttpRequest, row: Export) -> dict[str, Any]:
        earlier = self.get_queryset(request).filter(who=row.who_id, created_at__lte=row.created_at)
        return {
            "title": str(row),
            "subtitle": None,
            "export": row,
            "progress": progress(row),
            "narrowed": narrowed(_source(row), row.query),
            "again": again(row),
            "is_mine": row.who_id == request.user.pk,
            "earlier": earlier.exclude(pk=row.pk).order_by("-created_at")[:EARLIER],
        }

    def progress_view(self, request: HttpRequest, export_id: Any) -> HttpResponseBase:
        """Say how far it is, for the page that shows it."""
        export = get_object_or_404(self.get_queryset(request), pk=export_id)
        return JsonResponse(progress(export))

    def cancel_view(self, request: HttpRequest, export_id: Any) -> HttpResponseBase:
        """End it: its download stops at its next batch."""
        export = self._mine(request, export_id)
        if request.method == "POST":
            Export.objects.cancel(export)
        return redirect("admin:chat_export_change", export.pk)

    def file_view(self, request: HttpRequest, export_id: Any) -> HttpResponseBase:
        """Send the file, once: what was cut is exported anew."""
        export = self._mine(request, export_id)
        source = _source(export)
        if not (may_export(request) and source.has_view_permission(request)):
            raise PermissionDenied
        if request.method == "POST" and Export.objects.begin(export):
            export.refresh_from_db(fields=("began_at",))
            try:
                return file_of(request, export, source)
            except NothingToFindError:
                Export.objects.end(export, ExportState.FAILED)
        return redirect("admin:chat_export_change", export.pk)

    def _mine(self, request: HttpRequest, export_id: Any) -> Export:
        """Give an export of that person's own; another's is as missing as none."""
        mine = Export.objects.filter(who=cast("User", request.user)).select_related("who")
        return get_object_or_404(mine, pk=export_id)

    @admin.display(description=_("state"))
    def state_in_words(self, export: Export) -> str:
        return str(export.shown_state.label)


def _source(export: Export) -> Any:
    """Give the admin whose list says which rows these are."""
    return admin.site.get_model_admin(apps.get_model("chat", export.what))
