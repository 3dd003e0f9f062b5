"""The words of the page's scripts in another language than English, as a script of its own."""

from functools import cache
from hashlib import sha256

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.utils.translation import override
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

YEAR_S = 31_536_000


@require_safe
@gzip_page
def script(request: HttpRequest, language: str, version: str) -> HttpResponse:
    """Give Django's catalogue. Its address changes with its content, so browsers keep it for good."""
    if not _is_translated(language):
        raise Http404
    response = HttpResponse(_catalogue(language), 'text/javascript; charset="utf-8"')
    response["Content-Language"] = language
    if version == _version(language):
        patch_cache_control(response, public=True, max_age=YEAR_S, immutable=True)
    else:
        # Of a process that is older or newer than the one that made the page, during a deployment.
        add_never_cache_headers(response)
    return response


def address(language: str) -> str | None:
    """Return where a language's words are; none for English, which the scripts speak by themselves."""
    if not _is_translated(language):
        return None
    return reverse("words", args=[language, _version(language)])


def _is_translated(language: str) -> bool:
    return language != settings.LANGUAGE_CODE and language in dict(settings.LANGUAGES)


def _version(language: str) -> str:
    return sha256(_catalogue(language)).hexdigest()[:12]


@cache
def _catalogue(language: str) -> bytes:
    with override(language):
        # Of all packages it names ours alone; what is in locale/ comes with any.
        view = JavaScriptCatalog(packages=["chat"])
        return bytes(view.get(HttpRequest()).content)
