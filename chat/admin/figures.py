"""The page of figures: who asks for which period, and what is shown of it. It counts, and shows nothing anybody said."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chat.admin.figures_charts import charts, summary
from chat.admin.figures_form import FiguresForm, Last
from chat.admin.figures_words import span
from chat.figures import figures

PERMISSION = "chat.view_figures"


@require_safe
def figures_page(request: HttpRequest) -> HttpResponse:
    """Show the figures of the period in the URL; of one that cannot be shown, say why (400)."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    form = FiguresForm(request.GET)
    context = {**admin.site.each_context(request), "title": _("Figures"), "form": form}
    context["lasts"] = Last.choices
    if not form.is_valid():
        return render(request, "admin/chat/figures.html", context, status=400)
    found = figures(form.period, form.which)
    context |= {
        "figures": found,
        "span": span(found.period),
        "summary": summary(found.total),
        "charts": charts(found),
    }
    return render(request, "admin/chat/figures.html", context)
