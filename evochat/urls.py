"""Where each path goes."""

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from django.views.i18n import set_language

from chat.admin.figures import figures_page


def closed(request: HttpRequest) -> HttpResponse:
    """Stand where allauth has a page that cannot work here: accounts are made by administrators, and no mail is sent."""
    raise Http404


urlpatterns = [
    path("", include("chat.urls")),
    path("accounts/password/reset/", closed),
    path("accounts/email/", closed),
    path("accounts/", include("allauth.urls")),
    path("language/", set_language, name="set_language"),
    # Before the admin's own, which end in one that takes all.
    path("admin/figures/", admin.site.admin_view(figures_page), name="figures"),
    path("admin/", admin.site.urls),
]
