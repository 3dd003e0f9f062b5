"""What is on record of the people of a scenario: the database's rows and the provider's calls."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from chat.models import Delta, Generation, Message, Runner
from tests.chaos.cluster import Cluster

T = TypeVar("T")

CONTINUE_WORDS = "Continue your"


@dataclass
class Record:
    """Rows as they are stored, oldest first; `owners` maps conversations to users.

    `calls` are the streams the provider was asked for, by the prompt that they answer or go on with.
    """

    owners: dict[str, int] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    generations: list[Generation] = field(default_factory=list)
    logs: dict[str, list[Delta]] = field(default_factory=dict)
    runners: dict[str, Runner] = field(default_factory=dict)
    calls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def message(self, pk: object) -> Message | None:
        return self._messages.get(str(pk))

    def generation(self, pk: object) -> Generation | None:
        return self._generations.get(str(pk))

    def answers_to(self, message: object) -> list[Message]:
        return self._answers[str(message)]

    def of_answer(self, answer: object) -> list[Generation]:
        """List what wrote an answer, in the order of its text."""
        return self._writers[str(answer)]

    def of_prompt(self, message: object) -> list[Generation]:
        """List what wrote the answers to a prompt."""
        return [g for answer in self.answers_to(message) for g in self.of_answer(answer.pk)]

    def share(self, generation: Generation, kind: str = "content") -> str:
        """Give a generation's own share of its answer's text: content or reasoning."""
        answer = self.message(generation.message_id)
        assert answer is not None
        parts = self.of_answer(answer.pk)
        before = parts[: parts.index(generation)]
        start = sum(getattr(g, f"{kind}_chars") for g in before)
        text: str = getattr(answer, kind)
        return text[start : start + getattr(generation, f"{kind}_chars")]

    def text_up_to(self, generation: Generation) -> str:
        """Give an answer's content when this generation had ended."""
        parts = self.of_answer(generation.message_id)
        return "".join(self.share(g) for g in parts[: parts.index(generation) + 1])

    @cached_property
    def _messages(self) -> dict[str, Message]:
        return {str(message.pk): message for message in self.messages}

    @cached_property
    def _generations(self) -> dict[str, Generation]:
        return {str(generation.pk): generation for generation in self.generations}

    @cached_property
    def _answers(self) -> dict[str, list[Message]]:
        return _grouped(self.messages, "parent_id")

    @cached_property
    def _writers(self) -> dict[str, list[Generation]]:
        return _grouped(self.generations, "message_id")


def _grouped(rows: Iterable[T], key: str) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = defaultdict(list)
    for row in rows:
        groups[str(getattr(row, key))].append(row)
    return groups


def prompt_of(call: dict[str, Any]) -> str:
    """Give the prompt of a call: what the user said last, not our request to go on."""
    said = [m["content"] for m in call["body"]["messages"] if m["role"] == "user"]
    return next((text for text in reversed(said) if not text.startswith(CONTINUE_WORDS)), "")


async def read_record(cluster: Cluster) -> Record:
    streams = [call for call in await cluster.evolution.all_calls() if call["body"].get("stream")]
    record = await asyncio.to_thread(_rows, cluster)
    calls = defaultdict(list)
    for call in streams:
        calls[prompt_of(call)].append(call)
    record.calls = dict(calls)
    return record


def _rows(cluster: Cluster) -> Record:
    database = cluster.database
    people = {client.person.user.pk: client.person for client in cluster.clients}
    logs = defaultdict(list)
    for delta in (d for p in people.values() for d in database.deltas_of(p)):
        logs[str(delta.generation_id)].append(delta)
    return Record(
        owners={str(c.pk): pk for pk, p in people.items() for c in database.conversations_of(p)},
        messages=[m for p in people.values() for m in database.messages_of(p)],
        generations=[g for p in people.values() for g in database.generations_of(p)],
        logs=dict(logs),
        runners={str(runner.pk): runner for runner in database.runners()},
    )
