"""What must be true after every scenario, whatever has died in it."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Collection
from functools import partial
from typing import Any

from tests.chaos.client import Client
from tests.chaos.cluster import Cluster
from tests.chaos.member import Member
from tests.support.deployment import last_message
from tests.support.waiting import eventually

LIVE = ("queued", "in_progress")
# A lease of 10 s, two sightings 2 s apart, and a machine that is busy with other tests.
QUIET_WITHIN_S = 40.0
LEAKED_WITHIN_S = 30.0
# Idle connections and their tasks come and go by a few; a leak grows with every scenario.
SLACK = {"tasks": 8, "files": 12, "threads": 6, "sockets": 12}
MEMORY_SLACK_KIB = 60 * 1024


async def check(cluster: Cluster) -> None:
    """Wait until nothing is live, then check what the record, the provider and every client say."""
    await _until_quiet(cluster)
    await _until_caught_up(cluster)
    record = await asyncio.to_thread(_Record, cluster)
    for client in cluster.clients:
        _check_screen(client, record)
        _check_sends(client, record)
        _check_owner(client, record)
    for generation in record.generations:
        _check_text(generation, record)
    await _check_provider(cluster, record)


class _Record:
    """What the database holds of the people of a scenario."""

    def __init__(self, cluster: Cluster) -> None:
        database = cluster.database
        people = {client.person.user.pk: client.person for client in cluster.clients}
        self.messages = [m for p in people.values() for m in database.messages_of(p)]
        self.generations = [g for p in people.values() for g in database.generations_of(p)]
        self.owners = {
            str(c.pk): pk for pk, p in people.items() for c in database.conversations_of(p)
        }
        self.by_id = {str(m.pk): m for m in self.messages}
        self.written = {str(g.pk): g for g in self.generations}
        self.children: dict[Any, list[Any]] = defaultdict(list)
        for message in self.messages:
            self.children[message.parent_id].append(message)
        self.writers: dict[Any, list[Any]] = defaultdict(list)
        for generation in self.generations:
            self.writers[generation.message_id].append(generation)

    def text_of(self, generation: str) -> str:
        """Give a generation's own share of its answer's text."""
        one = self.written[generation]
        before = [g for g in self.writers[one.message_id] if g.created_at < one.created_at]
        start = sum(g.content_chars for g in before)
        content: str = self.by_id[str(one.message_id)].content
        return content[start : start + one.content_chars]


async def _until_quiet(cluster: Cluster) -> None:
    people = {client.person for client in cluster.clients}

    async def is_quiet() -> bool:
        rows = await asyncio.gather(
            *(asyncio.to_thread(cluster.database.generations_of, person) for person in people)
        )
        return all(row.status not in LIVE for row in itertools.chain(*rows))

    await eventually(is_quiet, "no generation live", QUIET_WITHIN_S)  # type: ignore[arg-type]


async def _until_caught_up(cluster: Cluster) -> None:
    """Have every client see the end of all it shows, and settle what it has sent."""
    for client in cluster.clients:
        if client.is_open:
            await client.until(client.is_caught_up, "everything ended and answered")


def _check_screen(client: Client, record: _Record) -> None:
    assert client.screen.breaches == [], f"{client}\n{client.screen.breaches}"
    for generation, shown in client.screen.shown.items():
        stored = record.text_of(generation)
        assert stored.startswith(shown.content), (client.name, shown.content, stored)
        if client.is_open and shown.ends:
            assert shown.content == stored, (client.name, shown, stored)
    for message, answer in client.screen.answers.items():
        assert record.by_id[message].content.startswith(answer["content"]), (client.name, message)


def _check_sends(client: Client, record: _Record) -> None:
    """An acknowledged prompt is one user message and one generation; a refused one is nothing."""
    for key, accepted in client.accepted.items():
        message = record.by_id[key]
        assert (message.role, message.content) == ("user", client.sent[key])
        answers = record.children[message.pk]
        assert [str(m.pk) for m in answers] == [accepted["answer"]], (key, answers)
        first = record.writers[answers[0].pk]
        assert accepted["generation"] in {str(g.pk) for g in first}
        assert len([g for g in first if g.continues_id is None]) == 1, first
    for key in client.refused:
        assert key not in record.by_id, key


def _check_owner(client: Client, record: _Record) -> None:
    seen = client.screen.conversations
    assert all(record.owners.get(c) == client.person.user.pk for c in seen), (client.name, seen)


def _check_text(generation: Any, record: _Record) -> None:
    """The scripted provider counts its words: loss, repetition and disorder show."""
    text = record.text_of(str(generation.pk))
    words = re.findall(r"w(\d+)", text)
    first = int(words[0]) if words else 1
    if generation.continues_id is None:
        assert first == 1, text[:80]
    assert [int(word) for word in words] == [*range(first, first + len(words))], text
    assert re.fullmatch(r"\s*(w\d+\s*)*(w\d*)?", text), text[-200:]
    assert generation.seq >= 1


async def _check_provider(cluster: Cluster, record: _Record) -> None:
    """Nobody pays twice: a call for each generation that was started, and no stream left open."""
    prompts = {m.content: m for m in record.messages if m.role == "user"}
    await eventually(
        partial(_all_closed, cluster, prompts.keys()),  # type: ignore[arg-type]
        "the provider's connections closed",
    )
    calls = Counter(last_message(call) for call in await cluster.evolution.all_calls())
    for prompt, message in prompts.items():
        answers = {m.pk for m in record.children[message.pk]}
        started = [g for pk in answers for g in record.writers[pk] if g.started_at]
        if "[[status" not in prompt:
            assert calls[prompt] <= len(started), (prompt, calls[prompt], started)
        written = [g for g in started if g.content_chars and not g.continues_id]
        assert calls[prompt] >= len(written), (prompt, calls[prompt], started)


async def _all_closed(cluster: Cluster, prompts: Collection[str]) -> bool:
    calls = [c for c in await cluster.evolution.all_calls() if last_message(c) in prompts]
    return all(call["ended_at"] is not None for call in calls)


# -- Leaks ------------------------------------------------------------------------------------


async def note_census(members: list[Member]) -> None:
    """Remember what each process holds while it is idle, once for each incarnation."""
    for member in members:
        if not member.before:
            member.before = await member.census()


async def check_leaks(members: list[Member]) -> None:
    """Check that each process is back where it was: tasks, files, threads, connections, memory."""
    for member in members:
        if member.before:
            back = partial(_is_back, member)
            await eventually(back, f"{member.name} as before", LEAKED_WITHIN_S)  # type: ignore[arg-type]


async def _is_back(member: Member) -> bool:
    now, before = await member.census(), member.before
    member.last_census = now
    grown = [name for name, slack in SLACK.items() if now[name] > before[name] + slack]
    return not grown and now["memory_kib"] < before["memory_kib"] + MEMORY_SLACK_KIB
