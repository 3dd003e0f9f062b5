"""HTTP errors in the shapes real gateways and servers give them."""

from collections import Counter

from aiohttp import web

from scripted_evolution.directives import Directive
from scripted_evolution.faults import HTML, quoting
from scripted_evolution.wire import error


class FailureCounter:
    """Counts the failures of each prompt: `times=2` fails twice, then lets it pass."""

    def __init__(self) -> None:
        self._failures: Counter[str] = Counter()

    def is_due(self, prompt: str, times: int | None) -> bool:
        """Return whether this request is one of the failing ones, and count it."""
        if times is None:
            return True
        self._failures[prompt] += 1
        return self._failures[prompt] <= times


def failure(directive: Directive, status: int, request: web.Request) -> web.Response:
    """Return the response of `status` that `directive` asks for."""
    headers = {}
    if directive.retry_after is not None:
        headers["Retry-After"] = f"{directive.retry_after:g}"
    message = quoting(f"scripted error {status}", directive, request)
    return _body(directive, status, message, headers)


def _body(directive: Directive, status: int, message: str, headers: dict[str, str]) -> web.Response:
    match directive.shape:
        case "text":
            return web.Response(text=message, status=status, headers=headers)
        case "html":
            return web.Response(text=HTML, content_type="text/html", status=status, headers=headers)
        case "flat":
            flat = {"object": "error", "message": message, "code": directive.code or status}
            return web.json_response(flat, status=status, headers=headers)
        case "detail":
            return web.json_response({"detail": message}, status=status, headers=headers)
    body = error(message, directive.code or status)
    return web.json_response(body, status=status, headers=headers)
