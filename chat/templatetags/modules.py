"""The import map: what each module is called, and the URL it is served from.

Modules import each other by these names, never by relative path, so that the hashed file names of production
work without a bundler.
"""

import json
import re
from functools import cache
from pathlib import Path

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_STATIC = Path(__file__).resolve().parent.parent / "static"
_IMPORTED = re.compile(r'\bfrom "([^"]+)"')

NPM = {
    "marked": "npm/marked/marked.esm.js",
    "dompurify": "npm/dompurify/purify.es.mjs",
    "highlight": "npm/highlight/highlight.min.js",
    "katex": "npm/katex/katex.min.js",
    # No module: a script asks for its address by this name (`import.meta.resolve`).
    "katex-style": "npm/katex/katex.min.css",
}
# Loaded when the first code or formula is shown.
LATER = {"highlight", "katex", "katex-style"}

# Inside <script> the text ends at "</script", and "<!--" changes how it is read.
_IN_SCRIPT = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def own_modules() -> dict[str, str]:
    return _modules("chat", "chat/js")


def admin_modules() -> dict[str, str]:
    return _modules("admin", "chat/admin")


def _modules(prefix: str, folder: str) -> dict[str, str]:
    files = sorted((_STATIC / folder).glob("*.js"))
    return {f"{prefix}/{path.stem}": f"{folder}/{path.name}" for path in files}


@cache
def needed_by(name: str) -> tuple[str, ...]:
    """List a module with all that it imports, and what these import, but for what is loaded later."""
    paths = {**own_modules(), **admin_modules()}
    found: list[str] = []
    waiting = [name]
    while waiting:
        each = waiting.pop()
        if each in found:
            continue
        found.append(each)
        if each in paths:
            waiting += _IMPORTED.findall((_STATIC / paths[each]).read_text())
    return tuple(found)


@register.simple_tag(takes_context=True)
def import_map(context: template.Context, start: str = "") -> SafeString:
    """Render the import map and the preloads that save the browser from finding the modules one by one.

    `start`: the module that a page of the admin, or one to read, begins with; without it, the chat's own page is meant.
    """
    request: HttpRequest = context["request"]
    modules = {**own_modules(), **NPM, **(admin_modules() if start.startswith("admin/") else {})}
    urls = {name: static(path) for name, path in modules.items()}
    early = needed_by(start) if start else [name for name in urls if name not in LATER]
    text = json.dumps({"imports": urls}).translate(_IN_SCRIPT)
    script = format_html(
        '<script type="importmap" nonce="{}">{}</script>',
        request.csp_nonce,  # type: ignore[attr-defined]
        mark_safe(text),  # noqa: S308  # names and URLs of ours, escaped for a script element
    )
    preloads = format_html_join(
        "\n",
        '<link rel="modulepreload" href="{}">',
        ((urls[name],) for name in early),
    )
    return format_html("{}\n{}", script, preloads)
