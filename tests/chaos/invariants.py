"""What must be true after every scenario, whatever has died in it.

`check` waits and reads; the rules themselves are pure, and tests/chaos/test_invariants.py breaks each.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from chat.generation.reaper import KEEP_LOG
from chat.models import Generation, Message, Status
from tests.chaos.client import Client
from tests.chaos.cluster import REAPED_WITHIN, Cluster
from tests.chaos.member import Member
from tests.chaos.record import Record, read_record
from tests.chaos.screen import Shown
from tests.support.waiting import eventually

LIVE = ("queued", "in_progress")
# A lease of 10 s, two sightings 2 s apart, and a machine that is busy with other tests.
QUIET_WITHIN_S = 40.0
LEAKED_WITHIN_S = 30.0
CENSUS_PAUSE_S = 0.5
# Threads and connections are opened when first wanted, a few for each purpose; a leak grows with every
# scenario. Nothing of a socket and nothing of a generation may be left.
SLACK = {
    "tasks": 3,
    "files": 16,
    "threads": 10,
    "sockets": 16,
    "watchers": 0,
    "joined": 0,
    "live": 0,
}
MEMORY_SLACK_KIB = 60 * 1024


async def check(cluster: Cluster) -> None:
    """Wait until nothing is live, then check what the record, the provider and every client say."""
    await _until_quiet(cluster)
    await _until_caught_up(cluster)
    await eventually(partial(_are_streams_closed, cluster), "every provider connection closed")
    check_record(await read_record(cluster), cluster.clients, cluster.reaped_within)


def check_record(
    record: Record, clients: list[Client], reaped_within: timedelta = REAPED_WITHIN
) -> None:
    """Check what was shown against what is stored, and both against what was asked."""
    for client in clients:
        check_screen(client, record)
        check_sends(client, record)
        check_owner(client, record)
    check_nothing_unasked(clients, record)
    for message in record.messages:
        check_text(message, record)
        check_provider(message, record)
    for generation in record.generations:
        check_generation(generation, record)
        check_reaped(generation, record, reaped_within)


async def _until_quiet(cluster: Cluster) -> None:
    people = {client.person for client in cluster.clients}

    async def is_quiet() -> bool:
        rows = await asyncio.gather(
            *(asyncio.to_thread(cluster.database.generations_of, person) for person in people)
        )
        return all(row.status not in LIVE for row in itertools.chain(*rows))

    await eventually(is_quiet, "no generation live", QUIET_WITHIN_S)


async def _until_caught_up(cluster: Cluster) -> None:
    """Have every client see the end of all it shows, and settle what it has sent."""
    for client in cluster.clients:
        if client.is_open:
            await client.until(client.is_caught_up, "everything ended and answered")


async def _are_streams_closed(cluster: Cluster) -> bool:
    return all(call["ended_at"] is not None for call in await cluster.evolution.all_calls())


# -- What a client was shown ------------------------------------------------------------------


def check_screen(client: Client, record: Record) -> None:
    """All that is shown is a prefix of what is stored, and of what has ended all of it."""
    assert client.screen.breaches == [], f"{client}\n{client.screen.breaches}"
    for pk, shown in client.screen.shown.items():
        stored = record.generation(pk)
        assert stored is not None, (client.name, pk)
        _check_shown(client, shown, stored, record)
    for message, answer in client.screen.answers.items():
        _check_answer(client, message, answer, record)


def _check_shown(client: Client, shown: Shown, stored: Generation, record: Record) -> None:
    texts = record.share(stored), record.share(stored, "reasoning")
    told = shown.content, shown.reasoning
    for text, part in zip(texts, told, strict=True):
        assert text.startswith(part), (client.name, part, text)
    if shown.ended:
        assert shown.ended.removeprefix("generation.") == stored.status, (client.name, stored)
    if shown.ends:
        assert (told, shown.seq) == (texts, stored.seq), (client.name, shown, texts, stored.seq)


def _check_answer(client: Client, message: str, answer: dict[str, Any], record: Record) -> None:
    """A snapshot's message holds exactly what had ended by then."""
    last = record.generation(answer["generation"]["id"])
    assert last is not None, (client.name, message)
    stored = record.text_up_to(last)
    if answer["generation"]["status"] in LIVE:
        stored = stored.removesuffix(record.share(last))
    assert answer["content"] == stored, (client.name, answer, stored)


def check_sends(client: Client, record: Record) -> None:
    """An acknowledged prompt is one user message and one generation; a refused one is nothing."""
    for key, accepted in client.accepted.items():
        message = record.message(key)
        assert message is not None, (client.name, key)
        assert (message.role, message.content) == ("user", client.sent[key])
        answers = record.answers_to(key)
        assert [str(m.pk) for m in answers] == [accepted["answer"]], (key, answers)
        first = [g for g in record.of_prompt(key) if g.continues_id is None]
        assert [str(g.pk) for g in first] == [accepted["generation"]], (key, first)
    for key in client.refused:
        assert record.message(key) is None, (client.name, key)


def check_owner(client: Client, record: Record) -> None:
    """No frame names what is somebody else's, or what is not there at all."""
    own = client.person.user.pk
    generations = {str(g.pk) for g in record.generations if g.owner_id == own}
    messages = {str(m.pk) for m in record.messages if record.owners[str(m.conversation_id)] == own}
    for frame in client.frames:
        for conversation in _named(frame, "conversation"):
            assert record.owners.get(conversation) == own, (client.name, frame)
        for generation in _named(frame, "generation"):
            assert generation in generations, (client.name, frame)
        for message in _named(frame, "message"):
            assert message in messages, (client.name, frame)


def _named(frame: dict[str, Any], what: str) -> Iterator[str]:
    """Give the ids of one kind that a frame names, itself or in its lists."""
    for told in (frame.get(what), *frame.get(f"{what}s", ())):
        if told is not None:
            yield told["id"] if isinstance(told, dict) else told


# -- What is stored ---------------------------------------------------------------------------


def check_nothing_unasked(clients: list[Client], record: Record) -> None:
    """Every prompt is one that somebody sent; every further generation was asked for."""
    sent = {key for client in clients for key in client.sent}
    asked = {key for client in clients for key in client.continued}
    for message in record.messages:
        assert message.role != "user" or str(message.pk) in sent, message
    for generation in record.generations:
        assert generation.continues_id is None or str(generation.continues_id) in asked, generation


def check_text(message: Message, record: Record) -> None:
    """The scripted provider counts its words: loss, repetition and disorder show."""
    parts = record.of_answer(message.pk)
    for kind, letter in (("content", "w"), ("reasoning", "r")):
        text = getattr(message, kind)
        assert message.role == "user" or len(text) == sum(
            getattr(part, f"{kind}_chars") for part in parts
        ), (message, parts)
        if message.role == "user" or not (words := re.findall(rf"\b{letter}(\d+)", text)):
            continue
        assert [int(word) for word in words] == [*range(1, len(words) + 1)], text
        assert re.fullmatch(rf"\s*({letter}\d+\s*)*({letter}\d*)?", text), text[-200:]


def check_generation(generation: Generation, record: Record) -> None:
    """It has ended; its log, as long as it is kept, is its text, numbered without a hole."""
    assert generation.status not in LIVE, generation
    log = record.logs.get(str(generation.pk), [])
    if not log and generation.ended_at and datetime.now(UTC) - generation.ended_at > KEEP_LOG:
        return
    assert [row.seq for row in log] == [*range(1, len(log) + 1)], (generation, log)
    assert generation.seq == len(log) + 1, (generation.seq, log)
    for kind in ("content", "reasoning"):
        logged = "".join(row.text for row in log if row.kind == kind[0])
        assert logged == record.share(generation, kind), (generation, logged)


def check_reaped(generation: Generation, record: Record, within: timedelta) -> None:
    """What a dead runner left was ended soon after its lease."""
    runner = record.runners.get(str(generation.runner_id))
    if runner is not None and runner.ended_at and generation.status == Status.INTERRUPTED:
        late = runner.ended_at - runner.lease_expires_at
        assert late < within, (generation, late)


# -- What the provider was asked --------------------------------------------------------------


def check_provider(prompt: Message, record: Record) -> None:
    """Nobody pays twice: one call for each generation that asked, and no text but the provider's."""
    if prompt.role != "user":
        return
    calls = record.calls.get(prompt.content, [])
    started = [g for g in record.of_prompt(prompt.pk) if g.started_at]
    certain = [g for g in started if _has_surely_asked(g)]
    if "status=" not in prompt.content:
        assert len(calls) <= len(started), (prompt.content, calls, started)
    assert len(calls) >= len(certain), (prompt.content, calls, started)
    assert all(call["ended_at"] for call in calls), (prompt.content, calls)
    if len(started) == len(calls):
        for generation, call in zip(started, calls, strict=True):
            _check_all_is_kept(generation, call, record)


def _has_surely_asked(generation: Generation) -> bool:
    return bool(generation.status == Status.COMPLETED or generation.seq > 1)


def _check_all_is_kept(generation: Generation, call: dict[str, Any], record: Record) -> None:
    """Of what was sent all is stored, or a beginning where the answer was cut."""
    text = record.share(generation, "reasoning") + record.share(generation)
    words = len(re.findall(r"\b[wr]\d{4}", text))
    if not words:
        return
    is_whole = generation.status == Status.COMPLETED
    assert words == call["chunks_sent"] if is_whole else words <= call["chunks_sent"], (
        generation,
        words,
        call["chunks_sent"],
    )


# -- Leaks ------------------------------------------------------------------------------------


async def note_census(members: Iterable[Member]) -> None:
    """Remember what each process holds while it is idle, once for each incarnation."""
    for member in members:
        if not member.before:
            at_work = partial(_is_at_work, member)
            await eventually(at_work, f"{member.name} at work", LEAKED_WITHIN_S)
            member.before = member.last_census


async def _count(member: Member) -> None:
    """Take a census. It stops the process for a while: with no pause between two it would do nothing else."""
    if member.last_census:
        await asyncio.sleep(CENSUS_PAUSE_S)
    member.last_census = await member.census()


async def _is_at_work(member: Member) -> bool:
    """Tell whether everything that a process always runs is running."""
    await _count(member)
    wanted = {"Hub._watch_over"}
    if "REDIS_URL" in member.env:
        wanted.add("RedisSingleShardConnection._do_receiving")
    if not member.is_web or member.env.get("GENERATE_IN") == "web":
        wanted.add("Journal._run")
    return wanted <= set(member.last_census["task_names"])


async def check_leaks(members: Iterable[Member]) -> None:
    """Check that each process is back where it was: tasks, files, threads, connections, memory."""
    for member in members:
        if member.before:
            back = partial(_is_back, member)
            try:
                await eventually(back, f"{member.name} as before", LEAKED_WITHIN_S)
            except TimeoutError as error:
                raise AssertionError(f"{error}: {leaks(member)}") from None


async def _is_back(member: Member) -> bool:
    await _count(member)
    return not leaks(member)


def leaks(member: Member) -> list[str]:
    """Name what the last census of a process counts more of than the first one."""
    now, before = member.last_census, member.before
    grown = [name for name, slack in SLACK.items() if now[name] > before[name] + slack]
    if now["memory_kib"] > before["memory_kib"] + MEMORY_SLACK_KIB:
        grown.append("memory_kib")
    return [f"{name}: {before[name]}, then {now[name]} {now['task_names']}" for name in grown]
