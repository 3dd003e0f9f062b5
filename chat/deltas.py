"""The buffer of one answer, between the provider that fills it and the Journal that stores it."""

from typing import Literal, NamedTuple

Kind = Literal["content", "reasoning"]


class Delta(NamedTuple):
    seq: int
    kind: Kind
    text: str


class DeltaBuffer:
    """Text on its way: pushed, then taken (it gets its seq), then stored (it may be shown).

    What was taken keeps its seq and its text until it is stored, so writing it again changes nothing.
    """

    def __init__(self) -> None:
        self._pending: list[tuple[Kind, list[str]]] = []
        self._taken: list[Delta] = []
        self._stored: dict[Kind, list[str]] = {"content": [], "reasoning": []}
        self._pending_chars = 0
        self._next_seq = 1
        self.seq = 0

    def push(self, kind: Kind, text: str) -> None:
        if not self._pending or self._pending[-1][0] != kind:
            self._pending.append((kind, []))
        self._pending[-1][1].append(text)
        self._pending_chars += len(text)

    def take(self) -> list[Delta]:
        """Return all that is not stored yet: what was taken before, then the pending text."""
        for kind, parts in self._pending:
            self._taken.append(Delta(self._next_seq, kind, "".join(parts)))
            self._next_seq += 1
        self._pending.clear()
        self._pending_chars = 0
        return list(self._taken)

    def stored(self, deltas: list[Delta]) -> None:
        """Note that `deltas`, the first of those taken, are in the database."""
        for delta in deltas:
            self._stored[delta.kind].append(delta.text)
            self.seq = delta.seq
        del self._taken[: len(deltas)]

    def drop_pending(self) -> None:
        """Forget what nobody has seen: the text that came after a cancel."""
        self._pending.clear()
        self._pending_chars = 0

    def drop_unstored(self) -> None:
        """Forget what the database refuses. The next delta takes the seq after the last stored one."""
        self.drop_pending()
        self._taken.clear()
        self._next_seq = self.seq + 1

    @property
    def has_pending(self) -> bool:
        return bool(self._pending)

    @property
    def is_stored(self) -> bool:
        return not self._pending and not self._taken

    @property
    def unsaved_chars(self) -> int:
        return self._pending_chars + sum(len(delta.text) for delta in self._taken)

    @property
    def content(self) -> str:
        """The stored content so far."""
        return self._text("content")

    @property
    def reasoning(self) -> str:
        """The stored reasoning so far."""
        return self._text("reasoning")

    def _text(self, kind: Kind) -> str:
        self._stored[kind] = ["".join(self._stored[kind])]
        return self._stored[kind][0]
