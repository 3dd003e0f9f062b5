"""Keys, tokens and passwords of addresses: by how their makers begin them, else because no one would write that by hand."""

from __future__ import annotations

import re

from chat.redaction.marks import KEY, UUID

_BLOCK = "[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
# Whole, or up to the end of a text that cuts it.
_PRIVATE_KEY = re.compile(rf"-----BEGIN {_BLOCK}(?:.*?-----END {_BLOCK}|.*\Z)", re.DOTALL)
_BEGINNINGS = (
    r"sk-[\w-]{16,}",  # OpenAI and those like it
    r"[sprw]k_(?:live|test)_\w{10,}",  # Stripe
    r"gh[opsur]_[0-9A-Za-z]{20,}|github_pat_\w{20,}",
    r"glpat-[\w-]{16,}",
    r"npm_[0-9A-Za-z]{30,}|pypi-[\w-]{30,}",
    r"hf_[0-9A-Za-z]{20,}",
    r"(?:AKIA|ASIA)[0-9A-Z]{16}",
    r"AIza[\w-]{30,}|ya29\.[\w-]{20,}",
    r"AQVN[\w-]{20,}|t1\.[\w-]{20,}={0,2}\.[\w-]{20,}={0,2}",  # Yandex
    r"xox[abeoprs]-[\w-]{10,}",
    r"[0-9]{8,10}:[\w-]{35}",  # bots of Telegram
    r"eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?",  # JSON Web Tokens
)
_BEGUN = re.compile(rf"(?<![0-9A-Za-z])(?:{'|'.join(_BEGINNINGS)})", re.ASCII)
_BEARER = re.compile(
    r"\b(Bearer[ \t]{1,4})(?=[\w.~+/-]*[0-9])[\w.~+/-]{12,}=*", re.ASCII | re.IGNORECASE
)
_IN_ADDRESS = re.compile(r"(://[^\s:/@]{0,100}:)[^\s:/@]{1,200}(?=@)")

_RUN = re.compile(r"[0-9A-Za-z+/_-]{24,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-f]{32,}|[0-9A-F]{32,})")
_SEPARATORS = re.compile("[+/_=-]")
# From one kind of character to another; not from the capital of a Word to its rest.
_CHANGE = re.compile(
    r"(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[a-z])(?=[A-Z])|(?<=[A-Z][A-Z])(?=[a-z])"
)
# Of random letters and digits about half the steps are such changes, of names in a program a fifth.
CHANGES_MIN = 0.27
LETTERS_MIN = 20


def without_keys(text: str) -> str:
    text = _PRIVATE_KEY.sub(KEY, text)
    text = _BEGUN.sub(KEY, text)
    text = _BEARER.sub(rf"\1{KEY}", text)
    text = _IN_ADDRESS.sub(rf"\1{KEY}", text)
    return _RUN.sub(lambda found: KEY if _is_random(found[0]) else found[0], text)


def _is_random(run: str) -> bool:
    """Tell by its characters whether a run of them was drawn by lot."""
    run = UUID.sub("", run)
    if _HEX.fullmatch(run):
        return not run.isdigit()
    letters = _SEPARATORS.sub("", run)
    if len(letters) < LETTERS_MIN or not _has_all_kinds(letters, of_one_case=letters == run):
        return False
    return len(_CHANGE.findall(letters)) >= CHANGES_MIN * len(letters)


def _has_all_kinds(letters: str, *, of_one_case: bool) -> bool:
    """Tell whether there are digits, capitals and small letters; of a run without separators one case is enough."""
    if not any(map(str.isdigit, letters)):
        return False
    return of_one_case or not (letters.isupper() or letters.islower())
