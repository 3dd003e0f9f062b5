"""Phone numbers, as they are written in Russia, in North America, and with a + anywhere.

Not by the numbering plans of a library: what a plan of last year does not know yet would stay.
"""

from __future__ import annotations

import re

from chat.redaction.marks import PHONE, is_within, uuid_spans

# What may stand between two digits; no line's end.
_GAP = r"[ \t\u00a0().\-–]{0,3}"
_BEFORE = r"(?<![0-9A-Za-z_+-]{first})(?<![0-9][.,:/]{first})"
_END = r"(?![0-9A-Za-z_])(?!-[0-9A-Za-z])(?![.,][0-9])"
# With a +: Russia's eleven digits, else what E.164 allows; no country begins with 0.
_WITH_PLUS = re.compile(
    rf"\+(?<![0-9A-Za-z_]\+)(?:7(?:{_GAP}[0-9]){{10}}|[1-9](?:{_GAP}[0-9]){{7,14}})(?![0-9])"
)
# 8 916 123-45-67, 7(495)1234567, 8 (4872) 12-34-56, 8 (48762) 1-23-45
_SPACE = r"[ \u00a0-]?"
_RUSSIAN = re.compile(
    rf"[78]{_BEFORE.format(first='[78]')}{_SPACE}"
    rf"(?:\(?[3489][0-9]{{2}}\)?{_SPACE}[0-9]{{3}}|\(?[3489][0-9]{{3}}\)?{_SPACE}[0-9]{{2}}"
    rf"|\(?[3489][0-9]{{4}}\)?{_SPACE}[0-9]){_SPACE}[0-9]{{2}}{_SPACE}[0-9]{{2}}{_END}"
)
# (495) 123-45-67, 916 123-45-67
_WITHOUT_8 = re.compile(
    rf"{_BEFORE.format(first='')}(?:\([3489][0-9]{{2}}\)|[3489][0-9]{{2}})[ \u00a0-]"
    rf"[0-9]{{3}}-[0-9]{{2}}-[0-9]{{2}}{_END}"
)
# (212) 555-0123, 212-555-0123, 1-212-555-0123
_AMERICAN = re.compile(
    rf"{_BEFORE.format(first='')}(?:1[-. ])?(?:\([2-9][0-9]{{2}}\) ?|[2-9][0-9]{{2}}[-.])"
    rf"[2-9][0-9]{{2}}[-.][0-9]{{4}}{_END}"
)
# What a text without which has none of the last two: found many times as fast.
_TAIL = re.compile(r"[0-9][0-9][0-9](?:-[0-9]{2}-[0-9]{2}|[-.][0-9]{4})")
# +250 000 000: a sum that grew.
_SUM = re.compile(r"\+[0-9]{1,3}(?:[ \u00a0.][0-9]{3})*[ \u00a0.]000")


def without_phones(text: str) -> str:
    text = _WITH_PLUS.sub(_unless_sum, text)
    text = _marked(_RUSSIAN, text)
    if _TAIL.search(text):
        text = _marked(_WITHOUT_8, text)
        text = _marked(_AMERICAN, text)
    return text


def _unless_sum(found: re.Match[str]) -> str:
    return found[0] if _SUM.fullmatch(found[0]) else PHONE


def _marked(pattern: re.Pattern[str], text: str) -> str:
    uuids: list[tuple[int, int]] | None = None

    def mark(found: re.Match[str]) -> str:
        nonlocal uuids
        uuids = uuid_spans(text) if uuids is None else uuids
        return found[0] if is_within(*found.span(), uuids) else PHONE

    return pattern.sub(mark, text)
