"""What the record means: the units of work on dictionaries, with the virtual clock. The real ones must agree.

Conversations, messages and generations are the rows' classes, unsaved, so that the real shapes can be
made of them; dictionaries keep them in the order they were made.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings

from chat import protocol
from chat.conversations import Cancelling, Changes, Probe, Submitted, shapes
from chat.conversations.naming import title_of
from chat.conversations.reading import REPLAY_MAX_DELTAS, Snapshot
from chat.deltas import Kind
from chat.envelope import CREATED, STARTED, Envelope, step_of
from chat.evolution import ChatRequest
from chat.generation.admission import Claimed, Claims, Limits, Queued, admissible, fair_order
from chat.generation.live import Outcome
from chat.generation.prompt import Prompt
from chat.generation.reaper import BREAK_S, SETTLE_S
from chat.generation.record import Ending, LeaseLostError, Row
from chat.models import Conversation, Generation, Message, Role, Status
from chat.protocol import CommandError
from chat.subscription import ENDED

LEASE_S = 10.0


@dataclass
class Lease:
    expires_at: float
    is_ended: bool = False


class Oracle:
    """`new_id` gives the ids that submitting makes: an answer's, then its generation's."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.new_id: Callable[[], UUID] = uuid.uuid4
        self.conversations: dict[UUID, Conversation] = {}
        self.messages: dict[UUID, Message] = {}
        # The revision each message was made under; its own is that of its last change.
        self.made_at: dict[UUID, int] = {}
        self._changed_at: dict[UUID, float] = {}
        self.generations: dict[UUID, Generation] = {}
        self.logs: dict[UUID, list[tuple[int, Kind, str]]] = {}
        self.forgotten: set[UUID] = set()
        self.runners: dict[UUID, Lease] = {}
        self._sightings: dict[Any, dict[UUID, tuple[float, int]]] = {}
        self._looks: dict[Any, tuple[float, float]] = {}
        self._moment = datetime(2026, 1, 1, tzinfo=UTC)

    # -- Submit ----------------------------------------------------------------------------------

    def submit(self, user: int, command: protocol.MessageSend, new_conversation: UUID) -> Submitted:
        stored = self.messages.get(command.message)
        if stored is not None:
            return self._resent(user, command, stored)
        self._check_limits(user)
        answer_id = self.new_id()
        if command.conversation is None:
            conversation, parent = self._new_conversation(user, command, new_conversation), None
        else:
            conversation = self._owned(user, command.conversation)
            parent = self._parent_for(conversation, command)
            self._advance(conversation)
        conversation.head_id = answer_id
        prompt = self._add_message(
            conversation, command.message, parent, Role.USER, command.content
        )
        answer = self._add_message(conversation, answer_id, prompt.pk, Role.ASSISTANT)
        return self._queue(conversation, answer, prompt)

    def regenerate(self, user: int, command: protocol.GenerationCreate) -> Submitted:
        answered = self.messages.get(command.answer)
        if answered is not None:
            if (
                self._owner(answered.conversation_id) != user
                or answered.parent_id != command.message
            ):
                raise CommandError("conflict", "", field="answer")
            return self._duplicate(answered, command.message)
        prompt = self.messages.get(command.message)
        if prompt is None or self._owner(prompt.conversation_id) != user:
            raise CommandError("not_found", "", field="message")
        if prompt.role != Role.USER:
            raise CommandError("invalid", "", field="message")
        self._check_limits(user)
        conversation = self.conversations[prompt.conversation_id]
        self._advance(conversation)
        conversation.head_id = command.answer
        answer = self._add_message(conversation, command.answer, prompt.pk, Role.ASSISTANT)
        return self._queue(conversation, answer, None)

    def continue_answer(self, user: int, command: protocol.GenerationContinue) -> Submitted:
        ended = self.generations.get(command.generation)
        if ended is None or ended.owner_id != user:
            raise CommandError("not_found", "", field="generation")
        answer = self.messages[ended.message_id]
        again = [g for g in self.generations.values() if g.continues_id == ended.pk]
        if again:
            place = answer.conversation_id, answer.parent_id, answer.pk
            return Submitted(*place, again[0].pk, duplicate=True)
        if not ended.may_be_continued:
            raise CommandError("invalid", "", field="generation")
        self._check_limits(user)
        conversation = self.conversations[answer.conversation_id]
        self._advance(conversation)
        answer.revision = conversation.revision
        return self._queue(conversation, answer, None, continues=ended)

    def _resent(self, user: int, command: protocol.MessageSend, stored: Message) -> Submitted:
        same = (
            self._owner(stored.conversation_id) == user
            and command.conversation in (None, stored.conversation_id)
            and command.parent in (msgspec.UNSET, stored.parent_id)
            and command.content == stored.content
        )
        if not same:
            raise CommandError("conflict", "", field="message")
        answers = [m for m in self.messages.values() if m.parent_id == stored.pk]
        return self._duplicate(answers[0], stored.pk)

    def _duplicate(self, answer: Message, prompt: UUID) -> Submitted:
        first = self.generations_of(answer.pk)[0]
        return Submitted(answer.conversation_id, prompt, answer.pk, first.pk, duplicate=True)

    def _check_limits(self, user: int) -> None:
        queued = [g for g in self.generations.values() if g.owner_id == user and _is_queued(g)]
        if len(queued) >= settings.USER_MAX_QUEUED:
            raise CommandError("too_many_generations", "")

    def _new_conversation(
        self, user: int, command: protocol.MessageSend, new_id: UUID
    ) -> Conversation:
        moment = self._next_moment()
        made = Conversation(
            pk=new_id, owner_id=user, revision=1, created_at=moment, updated_at=moment
        )
        made.title = title_of(command.content)
        self.conversations[new_id] = made
        self._changed_at[new_id] = self._clock()
        return made

    def _parent_for(self, conversation: Conversation, command: protocol.MessageSend) -> UUID | None:
        if command.parent is msgspec.UNSET:
            return conversation.head_id
        if command.parent is None:
            return None
        found = self.messages.get(command.parent)
        if found is None or found.conversation_id != conversation.pk:
            raise CommandError("not_found", "", field="parent")
        if found.role != Role.ASSISTANT:
            raise CommandError("invalid", "", field="parent")
        return found.pk

    def _add_message(
        self,
        conversation: Conversation,
        pk: UUID,
        parent: UUID | None,
        role: Role,
        content: str = "",
    ) -> Message:
        place = {"conversation_id": conversation.pk, "parent_id": parent}
        made = Message(pk=pk, role=role, content=content, revision=conversation.revision, **place)
        self.messages[pk] = made
        self.made_at[pk] = conversation.revision
        return made

    def _queue(
        self,
        conversation: Conversation,
        answer: Message,
        prompt: Message | None,
        continues: Generation | None = None,
    ) -> Submitted:
        made = Generation(
            pk=self.new_id(),
            message_id=answer.pk,
            conversation_id=conversation.pk,
            owner_id=conversation.owner_id,
            continues_id=continues.pk if continues else None,
            created_at=self._next_moment(),
        )
        self.generations[made.pk] = made
        self.logs[made.pk] = []
        told = shapes.created_envelope(conversation, prompt, made, answer.parent_id)
        ids = conversation.pk, answer.parent_id, answer.pk, made.pk
        return Submitted(*ids, False, conversation.revision, (told,))

    # -- Cancel ----------------------------------------------------------------------------------

    def cancel(self, user: int, command: protocol.GenerationCancel) -> Cancelling:
        live = [g for g in self._targets(user, command) if g.is_live]
        told = [self._end_queued(g) for g in live if _is_queued(g)]
        for generation in live:
            generation.cancel_requested_at = generation.cancel_requested_at or self._moment
        ended = None
        if command.generation is not None and not live:
            one = self.generations[command.generation]
            ended = shapes.terminal_event(one, command.command_id)
        return Cancelling([g.pk for g in live], told, ended)

    def _targets(self, user: int, command: protocol.GenerationCancel) -> list[Generation]:
        if command.generation is not None:
            targets = [g for g in self.generations.values() if g.pk == command.generation]
            is_ours = any(g.owner_id == user for g in targets)
        elif command.message is not None:
            found = self.messages.get(command.message)
            is_ours = found is not None and self._owner(found.conversation_id) == user
            answers = {m.pk for m in self.messages.values() if m.parent_id == command.message}
            targets = [g for g in self.generations.values() if g.message_id in answers]
        else:
            is_ours = self._owner(command.conversation) == user
            targets = self._of_conversation(command.conversation)
        if not is_ours:
            raise CommandError("not_found", "")
        return targets

    def _end_queued(self, generation: Generation) -> Envelope:
        self._end(generation, Status.CANCELLED, 1)
        return shapes.terminal_envelope(self.conversations[generation.conversation_id], generation)

    def _end(self, generation: Generation, status: Status, seq: int) -> None:
        conversation = self.conversations[generation.conversation_id]
        self._advance(conversation)
        self.messages[generation.message_id].revision = conversation.revision
        generation.status, generation.seq, generation.position = status, seq, None
        generation.ended_at = self._moment

    # -- The runner ------------------------------------------------------------------------------

    def enlist(self, runner: UUID, name: str) -> None:
        self.runners.setdefault(runner, Lease(self._clock() + LEASE_S))

    def renew(self, runner: UUID) -> bool:
        if self._is_fenced_off(runner):
            return False
        self.runners[runner].expires_at = self._clock() + LEASE_S
        return True

    def retire(self, runner: UUID) -> None:
        self.runners[runner].is_ended = True

    def claim(self, runner: UUID, limits: Limits, known: frozenset[UUID] = frozenset()) -> Claims:
        unheard = [g for g in self._running(runner) if g.pk not in known]
        queued = [g for g in self.generations.values() if _is_queued(g)]
        if unheard or not queued:
            return Claims(_claimed(unheard), [])
        self._check_fence(runner)
        running = Counter(g.owner_id for g in self._running())
        queue = fair_order([self._queued(g) for g in queued], running)
        chosen = [each.id for each in admissible(queue, running, limits)]
        for pk in chosen:
            generation = self.generations[pk]
            generation.status, generation.runner_id = Status.IN_PROGRESS, runner
            generation.started_at, generation.position = self._moment, None
        left = [self.generations[each.id] for each in queue if each.id not in chosen]
        return Claims(_claimed(self.generations[pk] for pk in chosen), _placed(left))

    def _queued(self, generation: Generation) -> Queued:
        prompt = self.messages[self.messages[generation.message_id].parent_id]
        before = self.generations_of(prompt.parent_id) if prompt.parent_id else []
        place = generation.pk, generation.conversation_id, generation.owner_id
        is_waiting = any(each.is_live for each in before)
        return Queued(*place, generation.created_at, generation.position, is_waiting)

    def prompt_for(self, runner: UUID, generation: UUID, default_model: str) -> Prompt:
        return Prompt(ChatRequest(default_model, []), 0, None)

    def store_deltas(self, runner: UUID, rows: list[Row]) -> list[UUID]:
        if rows:
            self._check_fence(runner)
        for generation, seq, kind, text in rows:
            if seq not in {stored for stored, _, _ in self.logs[generation]}:
                self.logs[generation].append((seq, kind, text))
        return [g.pk for g in self._running(runner) if g.cancel_requested_at is not None]

    def end_generations(self, runner: UUID, endings: list[Ending]) -> list[Envelope]:
        self._check_fence(runner)
        ours = {g.pk for g in self._running(runner)}
        return [self._end_running(ending) for ending in endings if ending.generation in ours]

    def _end_running(self, ending: Ending) -> Envelope:
        generation = self.generations[ending.generation]
        message = self.messages[generation.message_id]
        outcome = ending.outcome
        self._end(generation, outcome.status, ending.seq)
        message.content += ending.content
        message.reasoning += ending.reasoning
        generation.content_chars = len(ending.content)
        generation.reasoning_chars = len(ending.reasoning)
        generation.finish_reason, generation.code = outcome.finish_reason, outcome.code
        generation.retryable = outcome.retryable
        return shapes.terminal_envelope(self.conversations[ending.conversation], generation)

    def reap(self, reaper: Any) -> list[Envelope]:
        """Bury whom this reaper has seen expired twice, with the same lease, and end what they left.

        But only if it has looked for a while without a break.
        """
        may_judge = self._may_judge(reaper)
        before, seen = self._sightings.get(reaper, {}), {}
        for pk, lease in self.runners.items():
            if not lease.is_ended and pk != reaper._own_id and lease.expires_at <= self._clock():
                at, times = before.get(pk, (lease.expires_at, 0))
                seen[pk] = (lease.expires_at, times + 1 if at == lease.expires_at else 1)
                lease.is_ended = may_judge and seen[pk][1] >= 2
        self._sightings[reaper] = seen
        left = [g for g in self._running() if self.runners[g.runner_id].is_ended]
        return [self._end_running(self._ending_from_log(generation)) for generation in left]

    def _may_judge(self, reaper: Any) -> bool:
        now = self._clock()
        since, last = self._looks.get(reaper, (reaper._looking_since, reaper._looked_at))
        since = now if now - last > BREAK_S else since
        self._looks[reaper] = since, now
        return bool(now - since >= SETTLE_S)

    def _ending_from_log(self, generation: Generation) -> Ending:
        cancelled = generation.cancel_requested_at is not None
        outcome = Outcome(Status.CANCELLED if cancelled else Status.INTERRUPTED)
        seq, texts = len(self.logs[generation.pk]), self.text_of(generation.pk)
        return Ending(generation.pk, generation.conversation_id, seq + 1, *texts, outcome)

    def forget_old_logs(self) -> int:
        return 0

    def forget(self) -> None:
        """Let the logs of all that has ended be gone: they are over ten minutes old."""
        self.forgotten |= {g.pk for g in self.generations.values() if not g.is_live}

    # -- Reading ---------------------------------------------------------------------------------

    def snapshot(
        self, user: int, conversation_id: UUID, revision: int | None, command_id: str | None
    ) -> Snapshot:
        conversation = self._owned(user, conversation_id)
        here = self._messages_in(conversation_id)
        if revision is None:
            shown = self._branch(conversation.head_id)[-50:]
        else:
            shown = [m for m in here if m.revision > revision]
        lives = [self._live_shape(g) for g in self._of_conversation(conversation_id) if g.is_live]
        ended = [g.pk for g in self._of_conversation(conversation_id) if not g.is_live]
        event = protocol.ConversationSnapshot(
            command_id=command_id,
            conversation=shapes.conversation_shape(conversation),
            messages=[self._message_shape(m, here) for m in shown],
            generations=lives,
        )
        steps = dict.fromkeys(ended, ENDED) | {s.id: _step(s.status, s.seq) for s in lives}
        return Snapshot(event, conversation.revision, steps)

    def changes_since(
        self, user: int, conversation_id: UUID, revision: int, steps: Mapping[UUID, int]
    ) -> Changes:
        conversation = self._owned(user, conversation_id)
        changed = {m.pk for m in self._messages_in(conversation_id) if m.revision > revision}
        told: list[Envelope] = []
        news = [
            g for g in self._of_conversation(conversation_id) if self._is_news(g, changed, steps)
        ]
        continued = {g.continues_id for g in news}
        for generation in news:
            if generation.pk in steps or generation.pk not in continued:
                told += self._missed(generation, changed, steps.get(generation.pk, -1))
        if conversation.revision > revision:
            told.append(Envelope(conversation.pk, [shapes.updated_frame(conversation)]))
        return Changes(conversation.revision, told)

    def probe(self, ids: Iterable[UUID], quiet: Iterable[UUID]) -> dict[UUID, Probe]:
        found, suspects = {}, set(quiet)
        for pk in ids:
            live = [g for g in self._of_conversation(pk) if g.is_live and pk in suspects]
            steps = {g.pk: _step(g.status, len(self.logs[g.pk])) for g in live}
            found[pk] = Probe(self.conversations[pk].revision, steps)
        return found

    def recent(self, owners: Iterable[int], seconds: float) -> dict[UUID, int]:
        since, people = self._clock() - seconds, set(owners)
        rows = [c for c in self.conversations.values() if c.owner_id in people]
        return {c.pk: c.revision for c in rows if self._changed_at[c.pk] > since}

    def list_envelopes(self, ids: Iterable[UUID]) -> list[Envelope]:
        found = [self.conversations[pk] for pk in ids]
        newest_first = sorted(found, key=lambda c: c.updated_at, reverse=True)
        return [shapes.list_envelope(conversation) for conversation in newest_first]

    def _is_news(
        self, generation: Generation, changed: set[UUID], steps: Mapping[UUID, int]
    ) -> bool:
        is_unended = steps.get(generation.pk, ENDED) < ENDED
        return generation.message_id in changed or is_unended or generation.is_live

    def _missed(self, generation: Generation, changed: set[UUID], at: int) -> list[Envelope]:
        if at >= ENDED:
            return []
        conversation = self.conversations[generation.conversation_id]
        told = []
        if at < CREATED:
            prompt_id = self.messages[generation.message_id].parent_id
            prompt = self.messages[prompt_id] if prompt_id in changed else None
            changed.discard(prompt_id)
            frames = shapes.created_envelope(conversation, prompt, generation, prompt_id).frames
            told.append(
                Envelope(conversation.pk, frames[:-1], generation=generation.pk, step=CREATED)
            )
        if _is_queued(generation):
            if generation.position is not None:
                place = conversation.pk, generation.pk, generation.position
                told.append(Envelope(conversation.pk, shapes.queued_envelope(*place).frames))
            return told
        if at < STARTED and generation.started_at is not None:
            told.append(shapes.started_envelope(conversation.pk, generation.pk, 0))
        told += self._missed_text(generation, max(at - 1, 0))
        if not generation.is_live:
            frames = [protocol.encode(shapes.terminal_event(generation))]
            step = step_of(generation.seq)
            told.append(
                Envelope(conversation.pk, frames, generation=generation.pk, step=step, ends=True)
            )
        return told

    def _missed_text(self, generation: Generation, after: int) -> list[Envelope]:
        rows = [row for row in self.logs[generation.pk] if row[0] > after]
        place = generation.conversation_id, generation.pk
        if len(rows) <= REPLAY_MAX_DELTAS and (not rows or generation.pk not in self.forgotten):
            return [shapes.delta_envelope(*place, *row) for row in rows]
        content, reasoning = self.text_of(generation.pk)
        seq = len(self.logs[generation.pk])
        return [shapes.whole_text_envelope(generation, seq, content, reasoning)]

    def _live_shape(self, generation: Generation) -> protocol.LiveShape:
        content, reasoning = self.text_of(generation.pk)
        return protocol.LiveShape(
            id=generation.pk,
            message=generation.message_id,
            status=generation.status,
            seq=len(self.logs[generation.pk]),
            content=content,
            reasoning=reasoning,
            position=generation.position,
        )

    def _message_shape(self, message: Message, here: list[Message]) -> protocol.MessageShape:
        siblings = [m.pk for m in here if m.parent_id == message.parent_id]
        last = self.generations_of(message.pk)[-1:]
        return shapes.message_shape(message, last[0] if last else None, siblings)

    # -- Looking things up -----------------------------------------------------------------------

    def text_of(self, generation: UUID) -> tuple[str, str]:
        """Give `(content, reasoning)` of one generation as it was stored, piece by piece."""
        log = self.logs[generation]
        content = "".join(text for _, kind, text in log if kind == "content")
        return content, "".join(text for _, kind, text in log if kind == "reasoning")

    def generations_of(self, message: UUID) -> list[Generation]:
        return [g for g in self.generations.values() if g.message_id == message]

    def _of_conversation(self, conversation: UUID | None) -> list[Generation]:
        return [g for g in self.generations.values() if g.conversation_id == conversation]

    def _messages_in(self, conversation: UUID) -> list[Message]:
        return [m for m in self.messages.values() if m.conversation_id == conversation]

    def _branch(self, leaf: UUID | None) -> list[Message]:
        found: list[Message] = []
        while leaf is not None:
            found.insert(0, self.messages[leaf])
            leaf = found[0].parent_id
        return found

    def _running(self, runner: UUID | None = None) -> list[Generation]:
        running = [g for g in self.generations.values() if g.status == Status.IN_PROGRESS]
        return [g for g in running if runner in (None, g.runner_id)]

    def _owner(self, conversation: UUID | None) -> int | None:
        found = self.conversations.get(conversation) if conversation else None
        return found.owner_id if found else None

    def _owned(self, user: int, conversation: UUID) -> Conversation:
        if self._owner(conversation) != user:
            raise CommandError("not_found", "", field="conversation")
        return self.conversations[conversation]

    def _is_fenced_off(self, runner: UUID) -> bool:
        lease = self.runners.get(runner)
        return lease is None or lease.is_ended

    def _check_fence(self, runner: UUID) -> None:
        if self._is_fenced_off(runner):
            raise LeaseLostError(str(runner))

    def _advance(self, conversation: Conversation) -> None:
        conversation.revision += 1
        conversation.updated_at = self._next_moment()
        self._changed_at[conversation.pk] = self._clock()

    def _next_moment(self) -> datetime:
        self._moment += timedelta(milliseconds=1)
        return self._moment


def _is_queued(generation: Generation) -> bool:
    return generation.status == Status.QUEUED


def _step(status: str, seq: int) -> int:
    return CREATED if status == Status.QUEUED else step_of(seq)


def _claimed(generations: Iterable[Generation]) -> list[Claimed]:
    return [Claimed(g.pk, g.conversation_id, g.owner_id) for g in generations]


def _placed(queue: list[Generation]) -> list[Envelope]:
    told = []
    for place, generation in enumerate(queue, start=1):
        if generation.position != place:
            generation.position = place
            ids = generation.conversation_id, generation.pk
            told.append(shapes.queued_envelope(*ids, place))
    return told
