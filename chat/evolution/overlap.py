"""The seam of a continued answer: what the continuation repeats of the text it continues.

A model that is told to go on likes to take a run-up: it says the last words again, the last
sentence, or everything from the beginning. That much is dropped. What is dropped stands at the end
of the text so far, character for character, so nothing is lost by it. A continuation that repeats
something and then goes another way is a new text and is given out whole.
"""

from chat.evolution.items import Delta

# A run-up that starts earlier is looked for only if it starts at the very beginning.
LOOK_BACK_CHARS = 2000
# That many characters said twice are a run-up. A model that was told in words to go on begins a
# new message, and hardly with those by chance; one that goes on behind its own last token does not
# begin anew, and what it says twice (a rule of a table, a refrain) it mostly means.
SURE_CHARS_IN_WORDS = 4
SURE_CHARS_BEHIND_PREFIX = 24
SURE_CHARS_OF_RESTART = 4


class Overlap:
    """Drops from the beginning of a continuation what the end of `partial` says already.

    Text is held back only while all of it stands in `partial`, at its beginning or within the
    last `LOOK_BACK_CHARS`: a few characters of new text, or else nothing new. `settled` is true
    once all that follows is new. `in_words`: the model was told to go on by a message.
    """

    def __init__(self, partial: str, *, in_words: bool) -> None:
        self.settled = not partial
        self._partial = partial
        self._end = partial[-LOOK_BACK_CHARS:]
        self._in_words = in_words
        self._held = ""

    def feed(self, text: str) -> str:
        """Return what is certainly new by now."""
        if self.settled:
            return text
        self._held += text
        if self._held in self._end or self._partial.startswith(self._held):
            return ""
        return self.flush()

    def flush(self) -> str:
        """Return what is new in the text held back; no more will come that could be a repetition."""
        held, self._held = self._held, ""
        self.settled = True
        return held[self._repeated_chars(held) :]

    def _repeated_chars(self, text: str) -> int:
        """Return the length of the longest run-up at the beginning of `text`."""
        if (
            self._partial
            and text.startswith(self._partial)
            and self._is_run_up(text, len(self._partial))
        ):
            return len(self._partial)
        sizes = range(min(len(text), len(self._end)), 0, -1)
        found = (size for size in sizes if self._end.endswith(text[:size]))
        return next((size for size in found if self._is_run_up(text, size)), 0)

    def _is_run_up(self, text: str, size: int) -> bool:
        chars = len(text[:size].strip())
        if self._in_words:
            return chars >= SURE_CHARS_IN_WORDS or (chars > 0 and self._are_words(text, size))
        if size == len(self._partial):
            return chars >= SURE_CHARS_OF_RESTART
        return chars >= SURE_CHARS_BEHIND_PREFIX

    def _are_words(self, text: str, size: int) -> bool:
        """Return whether few characters are a repetition: words of the partial, cut at neither end.

        The last may be cut in the partial and whole in `text` ("wh" and "what") unless `text`
        begins with white space: then it is a word of its own ("to" and " tow").
        """
        before, after = self._partial[-size - 1 : -size], text[size : size + 1]
        return not before.isalnum() and not (text[0].isspace() and after.isalnum())


class Seam:
    """Passes the deltas of a continuation on, without the run-up."""

    def __init__(self, overlap: Overlap) -> None:
        self._overlap = overlap
        self._chunks = 0

    def pass_on(self, deltas: list[Delta], *, is_end: bool) -> list[Delta]:
        """Return `deltas` as far as they are new; at the end nothing is held back any more."""
        if self._overlap.settled:
            return deltas
        passed = [new for delta in deltas for new in self._new_of(delta)]
        return passed + self._content(self._overlap.flush()) if is_end else passed

    def _new_of(self, delta: Delta) -> list[Delta]:
        if delta.kind != "content" or self._overlap.settled:
            return [delta]
        self._chunks += delta.chunks
        return self._content(self._overlap.feed(delta.text))

    def _content(self, text: str) -> list[Delta]:
        if not text:
            return []
        chunks, self._chunks = self._chunks, 0
        return [Delta("content", text, chunks)]
