"""What stands in the place of what was taken out, and what must not be taken for it."""

import re
from bisect import bisect_left

EMAIL = "[e-mail]"
PHONE = "[phone]"
CARD = "[card]"
KEY = "[key]"

_HEX = "[0-9A-Fa-f]"
UUID = re.compile(
    rf"(?<![0-9A-Za-z]){_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}(?![0-9A-Za-z])"
)


def uuid_spans(text: str) -> list[tuple[int, int]]:
    """List where uuids stand: some are all digits."""
    return [found.span() for found in UUID.finditer(text)]


def is_within(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    """Tell whether a stretch of the text touches one of `spans`, which are in order and apart."""
    at = bisect_left(spans, (end, end))
    return at > 0 and spans[at - 1][1] > start
