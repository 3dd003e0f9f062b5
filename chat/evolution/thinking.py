"""`<think>…</think>` at the start of an answer's content is reasoning.

Only there: later in the text it is something the model writes about, as this docstring does.
"""

from typing import Literal

from chat.evolution.items import DeltaKind

_OPEN, _CLOSE = "<think>", "</think>"

Pieces = list[tuple[DeltaKind, str]]


class ThinkSplitter:
    """Sorts content into reasoning and content; tags may be cut anywhere.

    White space before the opening tag and line ends after the closing one are dropped.
    `settled` is true once all that follows is content, so that the caller need not ask.
    """

    def __init__(self) -> None:
        self.settled = False
        self._state: Literal["start", "inside", "gap"] = "start"
        self._held = ""

    def feed(self, text: str) -> Pieces:
        """Return what is certain by now; up to a tag's length of text is held back."""
        if self.settled:
            return [("content", text)]
        text, self._held = self._held + text, ""
        match self._state:
            case "start":
                return self._start(text)
            case "inside":
                return self._inside(text)
            case "gap":
                return self._gap(text)

    def flush(self) -> Pieces:
        """Return what was held back when the answer ends in the middle of a tag."""
        text, self._held = self._held, ""
        kind: DeltaKind = "reasoning" if self._state == "inside" else "content"
        return [(kind, text)] if text else []

    def _start(self, text: str) -> Pieces:
        begun = text.lstrip()
        if begun.startswith(_OPEN):
            self._state = "inside"
            return self._inside(begun.removeprefix(_OPEN))
        if _OPEN.startswith(begun):
            self._held = text
            return []
        self.settled = True
        return [("content", text)]

    def _inside(self, text: str) -> Pieces:
        thought, tag, rest = text.partition(_CLOSE)
        if tag:
            self._state = "gap"
            return [*_piece("reasoning", thought), *self._gap(rest)]
        certain = len(text) - _begun_length(text, _CLOSE)
        self._held = text[certain:]
        return _piece("reasoning", text[:certain])

    def _gap(self, text: str) -> Pieces:
        text = text.lstrip("\r\n")
        self.settled = bool(text)
        return _piece("content", text)


def _piece(kind: DeltaKind, text: str) -> Pieces:
    return [(kind, text)] if text else []


def _begun_length(text: str, tag: str) -> int:
    """Return how many characters at the end of `text` may be the start of `tag`."""
    sizes = range(min(len(text), len(tag) - 1), 0, -1)
    return next((size for size in sizes if text.endswith(tag[:size])), 0)
