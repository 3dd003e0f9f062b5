"""The catalogues of other languages: kept in step with the code, and compiled for the site to read.

    python -m scripts.languages messages    write every word of the code into locale/, with what is translated already
    python -m scripts.languages compile     make the .mo files of the .po files

English is in the code itself. A catalogue is sorted and names no lines, so that a change shows what it changes and
two branches that add words seldom meet. Babel does both, since a bare machine has no GNU gettext.
"""

from __future__ import annotations

import argparse
import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
LANGUAGES = ("ru",)

KEYWORDS = {
    **DEFAULT_KEYWORDS,
    **{
        f"{name}_lazy": DEFAULT_KEYWORDS[name]
        for name in ("gettext", "ngettext", "pgettext", "npgettext")
    },
}
HEADER = r"""msgid ""
msgstr ""
"Language: {language}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: {plurals}\n"

"""
# Babel writes a date into what it compiles: with this one the same words are the same file.
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)


def extract_template(
    file: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[Any]:
    """Extract as Babel's methods do, from a Django template."""
    source = templatize(file.read().decode())
    # What is left are calls of gettext between X-es: no Python, but its tokens, once nothing is indented.
    lines = [line.lstrip() for line in source.splitlines(keepends=True)]
    yield from extract_python(
        io.BytesIO("".join(lines).encode()), keywords, comment_tags, {"encoding": "utf-8"}
    )


class Sources(NamedTuple):
    """Files that have words, and how to find these."""

    folder: str
    pattern: str
    method: Any


DOMAINS = {
    "django": (
        Sources("chat", "**/*.py", "python"),
        Sources("evochat", "**/*.py", "python"),
        Sources("templates", "**/*.html", extract_template),
    ),
    "djangojs": (Sources("chat/static/chat/js", "*.js", "javascript"),),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="languages", description="Keep the catalogues true.")
    parser.add_argument("what", choices=["messages", "compile"])
    if parser.parse_args().what == "messages":
        write_catalogues()
    compile_catalogues()


def write_catalogues() -> None:
    """Bring every catalogue in step with the code, and say what is still to be translated."""
    for language in LANGUAGES:
        for domain in DOMAINS:
            path = catalogue_path(language, domain)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(in_step(language, domain))
            for message in read(path):
                if message.id and not is_translated(message):
                    print(f"{path.relative_to(ROOT)}: to be translated: {message.id}")


def compile_catalogues() -> None:
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        compiled = io.BytesIO()
        write_mo(compiled, read(path))
        _replace(path.with_suffix(".mo"), compiled.getvalue())


def catalogue_path(language: str, domain: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def read(path: Path) -> Catalog:
    """Read a catalogue. Raises `babel.messages.pofile.PoFileError` where it is none."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.parent.name, abort_invalid=True)
    catalogue.creation_date = catalogue.revision_date = NO_DATE
    return catalogue


def words_of(domain: str) -> Catalog:
    """Extract the words of the code, without translations."""
    words = Catalog()
    for folder, pattern, method in DOMAINS[domain]:
        for path in sorted((ROOT / folder).glob(pattern)):
            for _line, text, _comments, context in extract_from_file(method, path, KEYWORDS):
                words.add(text, context=context)
    return words


def in_step(language: str, domain: str) -> str:
    """Write a catalogue anew: the words of the code alone, each with its translation if it has one."""
    path = catalogue_path(language, domain)
    known = read(path) if path.exists() else Catalog()
    catalogue = Catalog(locale=language)
    for word in words_of(domain):
        old = known.get(word.id, word.context) if word.id else None
        if old is not None and old.id == word.id:
            catalogue.add(word.id, old.string, context=word.context, flags=old.flags)
        elif word.id:
            catalogue.add(word.id, context=word.context)
    written = io.BytesIO()
    write_po(written, catalogue, width=0, no_location=True, omit_header=True, sort_output=True)
    header = HEADER.format(language=language, plurals=catalogue.plural_forms)
    return header + written.getvalue().decode().strip() + "\n"


def is_translated(message: Any) -> bool:
    """Tell whether every form of a message has words that somebody has looked at."""
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(forms) and not message.fuzzy


def _replace(path: Path, content: bytes) -> None:
    """Write a file in one step, for a process may be reading it; not at all if it is the same."""
    if path.exists() and path.read_bytes() == content:
        return
    written = path.with_name(f"{path.name}.{os.getpid()}")
    written.write_bytes(content)
    written.replace(path)


if __name__ == "__main__":
    main()
