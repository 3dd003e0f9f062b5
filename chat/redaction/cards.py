"""Numbers of payment cards: of an issuer there is, as long as its numbers are, with a right check digit."""

from __future__ import annotations

import re

from chat.redaction.marks import CARD, is_within, uuid_spans

# As many digits as a card has; what a text has none of is done with at once.
_LONG = re.compile(r"[0-9](?:[ -]?[0-9]){12}")
# In one piece, or parted as on the card, and what may belong to it too. A look-ahead, since what fails may have begun too early.
_CARD = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9][.,])"
    r"(?=([0-9]{13,19}|[0-9]{4}(?:[ -][0-9]{4}){3}|[0-9]{4}[ -][0-9]{6}[ -][0-9]{4,5})"
    r"([ -][0-9]{2,3})?(?![0-9A-Za-z]))"
)
_ISSUERS = re.compile(
    r"4(?:.{12}|.{15}|.{18})"  # Visa
    r"|5[1-5].{14}|2(?:2[2-9]|[3-6].|7[01]).{13}|2720.{12}"  # Mastercard
    r"|220[0-4].{12,15}"  # Mir
    r"|3[47].{13}"  # American Express
    r"|3(?:0[0-5]|[689].).{11}"  # Diners Club
    r"|35(?:2[89]|[3-8].).{12,15}"  # JCB
    r"|6(?:011|5..|4[4-9].).{12,15}|62.{14,17}"  # Discover, UnionPay
    r"|(?:50|5[6-8]|6.).{11,17}"  # Maestro
)


def without_cards(text: str) -> str:
    if not _LONG.search(text):
        return text
    kept, done, uuids = [], 0, uuid_spans(text)
    for found in _CARD.finditer(text):
        start = found.start()
        end = start + _card_chars(found[1], found[2] or "")
        if done <= start < end and not is_within(start, end, uuids):
            kept += [text[done:start], CARD]
            done = end
    return "".join([*kept, text[done:]])


def _card_chars(written: str, more: str) -> int:
    """Tell how many of these characters are a card; 0: none."""
    return next((len(each) for each in (written + more, written) if _is_card(each)), 0)


def _is_card(written: str) -> bool:
    digits = re.sub("[ -]", "", written)
    return bool(_ISSUERS.fullmatch(digits)) and _checks(digits)


def _checks(digits: str) -> bool:
    """Apply Luhn's formula."""
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    return (sum(map(int, digits[-1::-2])) + sum(n - 9 * (n > 9) for n in doubled)) % 10 == 0
