"""What one socket has been told of one conversation, and so what it is to be told next. Pure.

Subscribe first, then read, then apply: a subscription holds what arrives while the database is
read, drops what the reading already told, and asks for another reading when something is missing.
Whatever was published is stored, so a reading begun after the gap was seen always closes it.
"""

from collections.abc import Iterable
from enum import Enum, auto
from uuid import UUID

from chat.envelope import Envelope

ENDED = 1 << 62


class Verdict(Enum):
    PASS = auto()
    DROP = auto()
    GAP = auto()


class Subscription:
    """Filters envelopes into frames, in order, without holes and without repetition."""

    def __init__(self, conversation: UUID) -> None:
        self.conversation = conversation
        self.revision = 0
        self.steps: dict[UUID, int] = {}
        self.live: set[UUID] = set()
        self._held: list[Envelope] | None = None
        self._gap: Envelope | None = None
        self._read_for: Envelope | None = None

    @property
    def is_holding(self) -> bool:
        return self._held is not None

    def hold(self) -> None:
        """Keep what arrives until `release`."""
        if self._held is None:
            self._held = []

    def release(self) -> tuple[list[str], bool]:
        """Let go what was held; return `(frames to send, whether something is missing)`."""
        held, self._held = self._held or [], None
        frames: list[str] = []
        for number, envelope in enumerate(held):
            passed, gap = self.offer(envelope)
            frames += passed
            if gap:
                self._held = held[number:]
                return frames, True
        return frames, False

    def offer(self, envelope: Envelope) -> tuple[list[str], bool]:
        """Take one envelope; return `(frames to send, whether something is missing before it)`.

        The envelope that shows a gap is held, with all that follow, until the next reading. If that
        has not closed it, the envelope is a latecomer of what ended before we began: it is let go.
        """
        if self._held is not None:
            self._held.append(envelope)
            return [], False
        verdict = self._judge(envelope)
        if verdict is Verdict.GAP:
            if envelope is self._read_for:
                return [], False
            self._held = [envelope]
            self._gap = envelope
            return [], True
        self._note(envelope, verdict)
        return (envelope.frames if verdict is Verdict.PASS else []), False

    def start(self, revision: int, steps: dict[UUID, int]) -> None:
        """Begin after a snapshot that told everything up to `revision` and `steps`."""
        self._read_for = self._gap
        self.revision = revision
        for generation, step in steps.items():
            self._set(generation, step)

    def replay(self, revision: int, envelopes: Iterable[Envelope]) -> list[str]:
        """Apply a reading of the database; return the frames that are news."""
        self._read_for = self._gap
        frames: list[str] = []
        for envelope in envelopes:
            if envelope.generation is None or self._is_ahead(envelope):
                frames += envelope.frames
                self._step(envelope)
        self.revision = max(self.revision, revision)
        return frames

    def _judge(self, envelope: Envelope) -> Verdict:
        known = self._at(envelope)
        if envelope.aside:
            return Verdict.PASS if known == envelope.step else Verdict.DROP
        if envelope.revision is not None and envelope.revision <= self.revision:
            return Verdict.DROP
        if envelope.revision is not None and envelope.revision > self.revision + 1:
            return Verdict.GAP
        if envelope.generation is None or self._is_next(envelope):
            return Verdict.PASS
        return Verdict.GAP if self._is_ahead(envelope) else Verdict.DROP

    def _note(self, envelope: Envelope, verdict: Verdict) -> None:
        if envelope.revision is not None:
            self.revision = max(self.revision, envelope.revision)
        if verdict is Verdict.PASS and not envelope.aside:
            self._step(envelope)

    def _step(self, envelope: Envelope) -> None:
        if envelope.generation is not None and envelope.step is not None:
            self._set(envelope.generation, ENDED if envelope.ends else envelope.step)

    def _set(self, generation: UUID, step: int) -> None:
        self.steps[generation] = step
        (self.live.add if step < ENDED else self.live.discard)(generation)

    def _at(self, envelope: Envelope) -> int:
        return -1 if envelope.generation is None else self.steps.get(envelope.generation, -1)

    def _is_ahead(self, envelope: Envelope) -> bool:
        return envelope.step is not None and envelope.step > self._at(envelope)

    def _is_next(self, envelope: Envelope) -> bool:
        return envelope.step == self._at(envelope) + 1
