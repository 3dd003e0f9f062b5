"""The attempts to write an answer, as staff read them: how each went, with what, and who stopped it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chat.admin.words import NOTHING, duration, how_many, money, speed, status_words, tokens
from chat.models import Delta, Generation, Status

PARAMETERS = {
    "temperature": _("Temperature"),
    "top_p": _("Top-p"),
    "max_tokens": _("Max tokens"),
    "stop": _("Stop sequences"),
}


class Number(NamedTuple):
    """One of the numbers below an answer."""

    name: str | Promise
    value: str


class SoFar(NamedTuple):
    """What is stored of an answer being written, up to the delta `seq`: its message gets it at the end."""

    seq: int = 0
    content: str = ""
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One generation of an answer, in words."""

    generation: Generation
    so_far: SoFar = field(default_factory=SoFar)

    @property
    def status(self) -> str | Promise:
        return status_words(self.generation.status)

    @property
    def is_live(self) -> bool:
        return self.generation.is_live

    @property
    def is_stopping(self) -> bool:
        return self.is_live and self.generation.cancel_requested_at is not None

    @property
    def stopped_by(self) -> str:
        """Name who of the staff stopped it; empty if nobody did, or not in time."""
        is_theirs = self.generation.was_stopped_by_staff or self.is_stopping
        return self.generation.stopped_by if is_theirs else ""

    @property
    def numbers(self) -> list[Number]:
        """Give those one looks at first."""
        row = self.generation
        estimated = row.usage_estimated
        return [
            Number(_("model"), row.model or NOTHING),
            *_known(
                Number(_("input tokens"), tokens(row.input_tokens, estimated=estimated)),
                Number(_("output tokens"), tokens(row.output_tokens, estimated=estimated)),
                Number(_("cost"), money(row.cost)),
                Number(_("first word after"), duration(row.ttft_ms)),
                Number(_("speed"), speed(row)),
                Number(_("total"), duration(row.total_ms)),
                Number(_("finish reason"), row.finish_reason or NOTHING),
            ),
        ]

    @property
    def more_numbers(self) -> list[Number]:
        """Give the rest of them, as far as they are known."""
        row = self.generation
        return _known(
            Number(_("queued for"), duration(row.queue_ms)),
            Number(_("first reasoning after"), duration(row.reasoning_ms)),
            Number(_("first content after"), duration(row.content_ms)),
            Number(_("gap between texts, median"), duration(row.gap_p50_ms)),
            Number(_("gap between texts, p95"), duration(row.gap_p95_ms)),
            Number(_("chunks"), how_many(row.chunks)),
            Number(_("characters"), how_many(row.chars)),
            Number(_("messages left out"), how_many(row.omitted or None)),
        )

    @property
    def parameters(self) -> list[Number]:
        """Give what it was made with, but for the system prompt, which is a text."""
        params = self.generation.params
        return [
            Number(name, _said(params[key]))
            for key, name in PARAMETERS.items()
            if params.get(key) is not None
        ]

    @property
    def system_prompt(self) -> str:
        return str(self.generation.params.get("system_prompt") or "")


def attempts_of(messages: Iterable[UUID]) -> dict[UUID, list[Attempt]]:
    """Read the generations of these answers, oldest first, and what is stored of those that run: two queries."""
    rows = Generation.objects.filter(message__in=list(messages)).select_related("owner")
    generations = list(rows.order_by("created_at", "id"))
    running = [row.pk for row in generations if row.status == Status.IN_PROGRESS]
    texts = _texts_so_far(running)
    attempts: dict[UUID, list[Attempt]] = {}
    for row in generations:
        attempt = Attempt(row, texts.get(row.pk, SoFar()))
        attempts.setdefault(row.message_id, []).append(attempt)
    return attempts


def _texts_so_far(running: list[UUID]) -> dict[UUID, SoFar]:
    if not running:
        return {}
    rows = Delta.objects.filter(generation__in=running).order_by("generation", "seq")
    pieces: dict[UUID, list[tuple[int, str, str]]] = {}
    for generation, seq, kind, text in rows.values_list("generation", "seq", "kind", "text"):
        pieces.setdefault(generation, []).append((seq, kind, text))
    return {generation: so_far(each) for generation, each in pieces.items()}


def so_far(pieces: list[tuple[int, str, str]]) -> SoFar:
    """Join `(seq, kind, text)` of a generation's log, in its order."""
    content = "".join(text for _seq, kind, text in pieces if kind == "c")
    reasoning = "".join(text for _seq, kind, text in pieces if kind == "r")
    return SoFar(pieces[-1][0] if pieces else 0, content, reasoning)


def _known(*numbers: Number) -> list[Number]:
    return [number for number in numbers if number.value != NOTHING]


def _said(value: object) -> str:
    return " · ".join(map(repr, value)) if isinstance(value, list) else str(value)
