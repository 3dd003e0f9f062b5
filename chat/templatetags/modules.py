"""The import map: what each module is called, and the URL it is served from.

Modules import each other by these names, never by relative path, so that the hashed file names of production
work without a bundler.
"""

import json
from pathlib import Path

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_MODULES = Path(__file__).resolve().parent.parent / "static" / "chat" / "js"

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
    return {f"chat/{path.stem}": f"chat/js/{path.name}" for path in sorted(_MODULES.glob("*.js"))}


@register.simple_tag(takes_context=True)
def import_map(context: template.Context) -> SafeString:
    """Render the import map and the preloads that save the browser from finding the modules one by one."""
    request: HttpRequest = context["request"]
    urls = {name: static(path) for name, path in {**own_modules(), **NPM}.items()}
    text = json.dumps({"imports": urls}).translate(_IN_SCRIPT)
    script = format_html(
        '<script type="importmap" nonce="{}">{}</script>',
        request.csp_nonce,  # type: ignore[attr-defined]
        mark_safe(text),  # noqa: S308  # names and URLs of ours, escaped for a script element
    )
    preloads = format_html_join(
        "\n",
        '<link rel="modulepreload" href="{}">',
        ((url,) for name, url in urls.items() if name not in LATER),
    )
    return format_html("{}\n{}", script, preloads)
