"""Texts of one read, joined into one delta for each run of the same kind."""

from chat.evolution.items import Delta, DeltaKind


class Runs:
    """Collects texts until they are taken."""

    def __init__(self) -> None:
        self._runs: list[tuple[DeltaKind, list[str], int]] = []
        self._kind: DeltaKind | None = None
        self._texts: list[str] = []
        self._chunks = 0
        self._uncounted = 0

    def count_chunk(self) -> None:
        """Count a non-empty chunk; it goes to the run its text is added to."""
        self._uncounted += 1

    def add(self, kind: DeltaKind, text: str) -> None:
        """Append `text`."""
        if kind != self._kind:
            self._close_run()
            self._kind = kind
        self._texts.append(text)
        self._chunks += self._uncounted
        self._uncounted = 0

    def take(self) -> list[Delta]:
        """Return the deltas collected since the last call."""
        self._close_run()
        runs, self._runs = self._runs, []
        return [Delta(kind, _storable("".join(texts)), chunks) for kind, texts, chunks in runs]

    def _close_run(self) -> None:
        if self._texts and self._kind is not None:
            self._runs.append((self._kind, self._texts, self._chunks))
            self._texts, self._chunks = [], 0
        self._kind = None


def _storable(text: str) -> str:
    # PostgreSQL stores no NUL in a text.
    return text.replace("\0", "\ufffd") if "\0" in text else text
