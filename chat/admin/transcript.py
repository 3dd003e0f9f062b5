"""A conversation as an operator reads it: every branch, in an order that a person can follow.

The branch that is open, the one that ends in the head, is the trunk. The other versions of a message
stand before the one that is on it, each with all that follows from it, one level further in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chat.admin.words import NOTHING, duration, status_words, tokens
from chat.models import Conversation, Delta, Generation, Message, Role

# As deep as the style sheet goes; what branches further stays at that level.
DEEPEST_LEVEL = 6


class Number(NamedTuple):
    """One of the numbers below an answer."""

    name: str | Promise
    value: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One generation of an answer, in words."""

    generation: Generation
    status: str | Promise
    numbers: list[Number]
    text_so_far: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One message, and where it stands."""

    message: Message
    level: int
    version: int
    versions: int
    is_on_head_branch: bool
    is_head: bool
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def is_answer(self) -> bool:
        return self.message.role == Role.ASSISTANT


def transcript(conversation: Conversation, *, with_generations: bool) -> list[Entry]:
    """Read all messages of a conversation, with their generations if asked: at most three queries."""
    messages = list(Message.objects.filter(conversation=conversation).order_by("created_at", "id"))
    attempts = _attempts(conversation) if with_generations else {}
    trunk = _branch_of(conversation.head_id, messages)
    children = _children(messages)
    entries = []
    for message, level in _in_reading_order(children, trunk):
        siblings = children[message.parent_id]
        entries.append(
            Entry(
                message=message,
                level=min(level, DEEPEST_LEVEL),
                version=siblings.index(message) + 1,
                versions=len(siblings),
                is_on_head_branch=message.pk in trunk,
                is_head=message.pk == conversation.head_id,
                attempts=attempts.get(message.pk, []),
            )
        )
    return entries


def _children(messages: Iterable[Message]) -> dict[UUID | None, list[Message]]:
    children: dict[UUID | None, list[Message]] = {}
    for message in messages:
        children.setdefault(message.parent_id, []).append(message)
    return children


def _branch_of(head: UUID | None, messages: Iterable[Message]) -> set[UUID]:
    parents = {message.pk: message.parent_id for message in messages}
    branch: set[UUID] = set()
    while head is not None and head in parents:
        branch.add(head)
        head = parents[head]
    return branch


def _in_reading_order(
    children: dict[UUID | None, list[Message]], trunk: set[UUID]
) -> Iterator[tuple[Message, int]]:
    """Walk the tree without recursion: a conversation may be thousands of messages deep."""
    waiting = [*_next_down(children.get(None, []), trunk, 0)]
    while waiting:
        message, level = waiting.pop()
        yield message, level
        waiting += _next_down(children.get(message.pk, []), trunk, level)


def _next_down(
    siblings: list[Message], trunk: set[UUID], level: int
) -> Iterator[tuple[Message, int]]:
    """List siblings last first: the one that goes on at this level, then the others further in."""
    if not siblings:
        return
    main = next((message for message in siblings if message.pk in trunk), siblings[-1])
    yield main, level
    for message in reversed(siblings):
        if message is not main:
            yield message, level + 1


def _attempts(conversation: Conversation) -> dict[UUID, list[Attempt]]:
    generations = list(
        Generation.objects.filter(conversation=conversation).order_by("created_at", "id")
    )
    texts = _texts_so_far(generation.pk for generation in generations if generation.is_live)
    attempts: dict[UUID, list[Attempt]] = {}
    for generation in generations:
        attempt = Attempt(
            generation=generation,
            status=status_words(generation.status),
            numbers=_numbers(generation),
            text_so_far=texts.get(generation.pk, ""),
        )
        attempts.setdefault(generation.message_id, []).append(attempt)
    return attempts


def _texts_so_far(live: Iterable[UUID]) -> dict[UUID, str]:
    """Read what is stored of answers being written: their message gets it when they end."""
    ids = list(live)
    if not ids:
        return {}
    rows = Delta.objects.filter(generation__in=ids, kind="c").order_by("generation", "seq")
    texts: dict[UUID, list[str]] = {}
    for generation, text in rows.values_list("generation", "text"):
        texts.setdefault(generation, []).append(text)
    return {generation: "".join(parts) for generation, parts in texts.items()}


def _numbers(generation: Generation) -> list[Number]:
    estimated = generation.usage_estimated
    return [
        Number(_("model"), generation.model or NOTHING),
        Number(_("input tokens"), tokens(generation.input_tokens, estimated=estimated)),
        Number(_("output tokens"), tokens(generation.output_tokens, estimated=estimated)),
        Number(_("queued for"), duration(generation.queue_ms)),
        Number(_("first word after"), duration(generation.ttft_ms)),
        Number(_("total"), duration(generation.total_ms)),
        Number(_("finish reason"), generation.finish_reason or NOTHING),
    ]
