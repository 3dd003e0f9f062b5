"""Where the files of the page are found."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.staticfiles.finders import FileSystemFinder

# Of a package whose folder is mostly for other ways to use it, what is served: by the folder's prefix.
SERVED = {"npm/chart": {"chart.umd.min.js", "chart.umd.min.js.map"}}


class ServedFilesFinder(FileSystemFinder):
    """Django's own, without what nobody asks for: collecting and compressing that takes seconds."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[Any]:
        for path, storage in super().list(ignore_patterns):
            if path in SERVED.get(storage.prefix, {path}):
                yield path, storage
