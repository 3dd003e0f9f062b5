"""E-mail addresses, found from their @ outwards."""

from __future__ import annotations

import re

from chat.redaction.marks import EMAIL

# Labels of a name, each ended by a dot, and a last one that is no number: `marked@18.2.1` is no address.
_DOMAIN = re.compile(r"@(?:[\w-]{1,63}\.){1,8}(?:xn--[0-9A-Za-z-]{1,59}|[^\W\d_]{2,63})")
_LOCAL_BACKWARDS = re.compile(r"[\w.%+-]+")


def without_emails(text: str) -> str:
    kept, done = [], 0
    for found in _DOMAIN.finditer(text):
        # Backwards, and never past the last @: each character is looked at once.
        before = text[max(done, text.rfind("@", done, found.start()) + 1) : found.start()]
        local = _LOCAL_BACKWARDS.match(before[::-1])
        if local is None:
            continue
        kept += [text[done : found.start() - local.end()], EMAIL]
        done = found.end()
    return "".join([*kept, text[done:]])
