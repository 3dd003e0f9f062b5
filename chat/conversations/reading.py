"""Read conversations: a snapshot to start from, the changes since, and what a Hub looks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery, Sum
from msgspec import UNSET

from chat import protocol
from chat.conversations.checks import owned_conversation
from chat.conversations.consistent_read import consistent_read
from chat.conversations.done import Done
from chat.conversations.shapes import (
    conversation_shape,
    created_envelope,
    delta_envelope,
    last_step,
    message_shapes,
    queued_envelope,
    rated_event,
    started_envelope,
    terminal_event,
    updated_frame,
    whole_text_envelope,
)
from chat.envelope import CREATED, STARTED, Envelope, step_of
from chat.models import Conversation, Delta, Generation, Message, Rating, Role, Status
from chat.models.delta import KINDS
from chat.models.generation import LIVE
from chat.protocol import CommandError
from chat.subscription import ENDED

WINDOW_MESSAGES = 50
# A reader this many deltas behind gets the whole text in one frame instead.
REPLAY_MAX_DELTAS = 100


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The reply to a subscribe, and where the subscription stands after it."""

    event: protocol.ConversationSnapshot
    revision: int
    steps: dict[UUID, int]


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened since a subscription's place, as envelopes to replay in order."""

    revision: int
    envelopes: list[Envelope]


@dataclass(frozen=True, slots=True)
class Probe:
    """Where a conversation stands: its revision, and where asked for the step of each live generation."""

    revision: int
    steps: dict[UUID, int]


def snapshot(
    user_id: int, conversation_id: UUID, revision: int | None, command_id: str | None
) -> Snapshot:
    """Read what a page shows of a conversation. Raises `CommandError` with `not_found`."""
    with consistent_read():
        conversation = owned_conversation(user_id, conversation_id)
        messages = _changed(conversation, revision)
        shapes = message_shapes(messages)
        beside = message_shapes(_beside(conversation, messages)) if revision is None else []
        live = Generation.objects.live().filter(conversation=conversation)
        lives = [_live_shape(generation) for generation in live]
        # All of them, not only those of the messages shown: an older answer may be continued.
        over = Generation.objects.filter(conversation=conversation).exclude(status__in=LIVE)
        ended = list(over.values_list("pk", flat=True))
    steps = dict.fromkeys(ended, ENDED) | {
        shape.id: _step(shape.status, shape.seq) for shape in lives
    }
    event = protocol.ConversationSnapshot(
        command_id=command_id,
        conversation=conversation_shape(conversation),
        messages=shapes,
        generations=lives,
        beside=beside or UNSET,
    )
    return Snapshot(event, conversation.revision, steps)


def changes_since(
    user_id: int, conversation_id: UUID, revision: int, steps: Mapping[UUID, int]
) -> Changes:
    """Read what a subscription at `revision` and `steps` has missed. Raises `CommandError`."""
    with consistent_read():
        conversation = _owned_once(user_id, conversation_id)
        if conversation.is_deleted:
            deleted = protocol.encode(protocol.ConversationDeleted(conversation=conversation_id))
            return Changes(conversation.revision, [Envelope(conversation_id, [deleted])])
        changed = list(Message.objects.filter(conversation=conversation, revision__gt=revision))
        unended = [pk for pk, step in steps.items() if step < ENDED]
        prompts = {m.pk: m for m in changed if m.role == Role.USER}
        watched = Q(message__in=[m.pk for m in changed]) | Q(pk__in=unended) | Q(status__in=LIVE)
        generations = list(
            Generation.objects.filter(watched, conversation=conversation)
            .select_related("message")
            .order_by("created_at", "id")
        )
        continued = {generation.continues_id for generation in generations}
        envelopes: list[Envelope] = []
        for generation in generations:
            if generation.pk in continued and generation.pk not in steps:
                # It ended before this subscription began.
                continue
            parent = generation.message.parent_id
            prompt = prompts.pop(parent, None) if parent else None
            at = steps.get(generation.pk, -1)
            envelopes += _missed(conversation, generation, prompt, at)
        envelopes += _rated(conversation, changed)
    if conversation.revision > revision:
        envelopes.append(Envelope(conversation.pk, [updated_frame(conversation)]))
    return Changes(conversation.revision, envelopes)


def history(user_id: int, command: protocol.ConversationHistory) -> Done:
    """Read up to 50 messages above `before` on its branch. Raises `CommandError`."""
    with consistent_read():
        conversation = owned_conversation(user_id, command.conversation)
        start = Message.objects.filter(pk=command.before, conversation=conversation).first()
        if start is None:
            raise CommandError("not_found", "No such message", field="before")
        messages = message_shapes(Message.objects.branch(start.parent_id, WINDOW_MESSAGES))
    return Done(
        protocol.ConversationHistoryEvent(
            command_id=command.echo, conversation=command.conversation, messages=messages
        )
    )


def probe(conversation_ids: Iterable[UUID], quiet: Iterable[UUID]) -> dict[UUID, Probe]:
    """Look where many conversations stand, in two queries; with the steps of those that are `quiet`."""
    ids, suspects = list(conversation_ids), list(quiet)
    last = Delta.objects.filter(generation=OuterRef("pk")).order_by("-seq").values("seq")[:1]
    with consistent_read():
        revisions = Conversation.objects.filter(pk__in=ids).values_list("pk", "revision")
        found = {pk: Probe(revision, {}) for pk, revision in revisions}
        live = Generation.objects.live().filter(conversation__in=suspects)
        reached = list(live.values_list("conversation", "pk", "status", Subquery(last)))
    for conversation, pk, status, seq in reached:
        if conversation in found:
            found[conversation].steps[pk] = _step(status, seq or 0)
    return found


def _owned_once(user_id: int, conversation_id: UUID) -> Conversation:
    """Return a conversation of that user's, also one that they have deleted."""
    found = Conversation.objects.filter(owner=user_id, pk=conversation_id).first()
    if found is None:
        raise CommandError("not_found", "No such conversation", field="conversation")
    return found


def _rated(conversation: Conversation, changed: list[Message]) -> list[Envelope]:
    ratings = Rating.objects.of_messages(m.pk for m in changed if m.role == Role.ASSISTANT)
    events = [rated_event(rating, conversation.pk) for rating in ratings.values()]
    return [Envelope(conversation.pk, [protocol.encode(event)]) for event in events]


def _changed(conversation: Conversation, revision: int | None) -> list[Message]:
    if revision is None:
        return Message.objects.branch(conversation.head_id, WINDOW_MESSAGES)
    changed = Message.objects.filter(conversation=conversation, revision__gt=revision)
    return list(changed.order_by("created_at", "id"))


def _beside(conversation: Conversation, shown: list[Message]) -> list[Message]:
    """List the answers that are shown beside one of those that are `shown`."""
    known = {message.pk for message in shown}
    if conversation.compared not in known:
        return []
    answers = Message.objects.filter(parent=conversation.compared).exclude(pk__in=known)
    return list(answers.order_by("created_at", "id"))


def _live_shape(generation: Generation) -> protocol.LiveShape:
    seq, content, reasoning = Delta.objects.text_of(generation.pk)
    return protocol.LiveShape(
        id=generation.pk,
        message=generation.message_id,
        status=generation.status,
        seq=seq,
        content=content,
        reasoning=reasoning,
        position=generation.position,
    )


def _step(status: str, seq: int) -> int:
    return CREATED if status == Status.QUEUED else step_of(seq)


def _missed(
    conversation: Conversation, generation: Generation, prompt: Message | None, at: int
) -> list[Envelope]:
    """List the envelopes that bring one generation from step `at` to where it stands."""
    if at >= ENDED:
        return []
    told = []
    if at < CREATED:
        parent = generation.message.parent_id
        created = created_envelope(conversation, prompt, generation, parent)
        told.append(
            Envelope(conversation.pk, created.frames[:-1], generation=generation.pk, step=CREATED)
        )
    if generation.status == Status.QUEUED:
        return told + _queued_at(conversation, generation)
    if at < STARTED and generation.started_at is not None:
        told.append(started_envelope(conversation.pk, generation.pk, generation.omitted))
    told += _missed_text(conversation, generation, after=max(at - 1, 0))
    if not generation.is_live:
        told.append(_terminal(conversation, generation))
    return told


def _queued_at(conversation: Conversation, generation: Generation) -> list[Envelope]:
    if generation.position is None:
        return []
    told = queued_envelope(conversation.pk, generation.pk, generation.position)
    return [Envelope(conversation.pk, told.frames)]


def _missed_text(conversation: Conversation, generation: Generation, after: int) -> list[Envelope]:
    rows: list[tuple[int, str, str]] = list(
        Delta.objects.filter(generation=generation, seq__gt=after)
        .order_by("seq")
        .values_list("seq", "kind", "text")[: REPLAY_MAX_DELTAS + 1]
    )
    last = after if generation.is_live else generation.seq - 1
    purged = not rows and last > after
    if purged or len(rows) > REPLAY_MAX_DELTAS:
        return [_whole_text(generation)]
    return [
        delta_envelope(conversation.pk, generation.pk, seq, KINDS[kind], text)
        for seq, kind, text in rows
    ]


def _whole_text(generation: Generation) -> Envelope:
    seq, content, reasoning = Delta.objects.text_of(generation.pk)
    if not generation.is_live and seq != generation.seq - 1:
        seq = generation.seq - 1
        content, reasoning = _text_kept(generation)
    return whole_text_envelope(generation, seq, content, reasoning)


def _text_kept(generation: Generation) -> tuple[str, str]:
    """Return an ended generation's own text once its log is gone.

    The message holds the text of all its generations, one after the other.
    """
    message = generation.message
    later = Generation.objects.filter(message=message, created_at__gt=generation.created_at)
    behind = later.aggregate(
        content=Sum("content_chars", default=0), reasoning=Sum("reasoning_chars", default=0)
    )
    content_end = len(message.content) - behind["content"]
    reasoning_end = len(message.reasoning) - behind["reasoning"]
    return (
        message.content[content_end - generation.content_chars : content_end],
        message.reasoning[reasoning_end - generation.reasoning_chars : reasoning_end],
    )


def _terminal(conversation: Conversation, generation: Generation) -> Envelope:
    return Envelope(
        conversation.pk,
        [protocol.encode(terminal_event(generation))],
        generation=generation.pk,
        step=last_step(generation),
        ends=True,
    )
