"""Submit a prompt, answer it again, continue an answer: one transaction each, idempotent by uuid.

Lock order: user, then conversation. The user's lock makes the limits exact and lets a resend that
races its first send find what that stored.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Literal, cast
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import BigAutoField, QuerySet, UUIDField

from chat.conversations.allowance import check_allowance
from chat.conversations.checks import checked_model, locked_conversation
from chat.conversations.naming import title_of
from chat.conversations.shapes import created_envelope
from chat.envelope import Envelope
from chat.models import Conversation, Generation, LanguageModel, Message, Role, User
from chat.models.conversation import TICK, ConversationQuerySet
from chat.models.prepared import Given, prepared
from chat.models.user import people_now
from chat.protocol import (
    CommandError,
    GenerationContinue,
    GenerationCreate,
    MessageSend,
    Params,
)


@dataclass(frozen=True, slots=True)
class Submitted:
    """The ids of `message.accepted`, and what to publish: nothing for a duplicate."""

    conversation: UUID
    message: UUID
    answer: UUID
    generation: UUID
    duplicate: bool
    revision: int = 0
    envelopes: tuple[Envelope, ...] = ()


def submit(user_id: int, command: MessageSend, new_conversation: UUID) -> Submitted:
    """Store a prompt, its empty answer and a queued generation.

    `new_conversation` is the id to use if `command.conversation` is null. Raises `CommandError`; then
    nothing is stored. Sent again it returns the same ids with `duplicate`.
    """
    _check_content(command.content)
    try:
        with transaction.atomic():
            return _submit(_locked_user(user_id), command, new_conversation)
    except IntegrityError:
        raise _conflict("message") from None


def regenerate(user_id: int, command: GenerationCreate) -> Submitted:
    """Answer a stored prompt again, as a new branch. Raises `CommandError`; then nothing is stored."""
    try:
        with transaction.atomic():
            return _regenerate(_locked_user(user_id), command)
    except IntegrityError:
        raise _conflict("answer") from None


def continue_answer(user_id: int, command: GenerationContinue) -> Submitted:
    """Go on with an answer that ended early. Raises `CommandError`; then nothing is stored."""
    with transaction.atomic():
        return _continue(_locked_user(user_id), command.generation)


def _submit(user: User, command: MessageSend, new_conversation: UUID) -> Submitted:
    if stored := _with_conversation(message=command.message):
        return _resent(user, command, stored[0])
    model = checked_model(command.model)
    check_allowance(user)
    answer_id = uuid.uuid4()
    if command.conversation is None:
        _refuse_parent(command)
        parent = None
        conversation = _new_conversation(user, command, new_conversation, answer_id, model)
    else:
        conversation = _locked_conversation(user, command.conversation)
        parent = _parent_for(conversation, command)
        conversation.advance(
            head_id=answer_id,
            model=model or conversation.model,
            compared=_compared(command),
        )
    prompt = Message(
        pk=command.message,
        conversation=conversation,
        parent_id=parent,
        role=Role.USER,
        content=command.content,
        revision=conversation.revision,
        created_at=conversation.updated_at,
    )
    answer = _answer(conversation, prompt, answer_id)
    Message.objects.bulk_create([prompt, answer])
    generation = _queue(conversation, answer, model, command.params)
    return _submitted(conversation, prompt.pk, generation, prompt)


def _regenerate(user: User, command: GenerationCreate) -> Submitted:
    if answered := _with_conversation(message=command.answer):
        return _created_again(user, command, answered[0])
    prompt = _owned_message(user, command.message)
    if prompt.role != Role.USER:
        raise CommandError("invalid", "Only a user message can be answered", field="message")
    model = checked_model(command.model)
    check_allowance(user)
    conversation = _locked_conversation(user, prompt.conversation_id)
    conversation.advance(head_id=command.answer, model=model or conversation.model)
    answer = _answer(conversation, prompt, command.answer)
    answer.save(force_insert=True)
    generation = _queue(conversation, answer, model, command.params)
    return _submitted(conversation, prompt.pk, generation, None)


def _continue(user: User, generation_id: UUID) -> Submitted:
    ended = (
        Generation.objects.filter(pk=generation_id, conversation__in=_owned(user))
        .select_related("message", "continued_by")
        .first()
    )
    if ended is None:
        raise CommandError("not_found", "No such generation", field="generation")
    # An answer always has a parent (a constraint of its table).
    parent = cast("UUID", ended.message.parent_id)
    again = getattr(ended, "continued_by", None)
    if again is not None:
        return Submitted(again.conversation_id, parent, again.message_id, again.pk, duplicate=True)
    if not ended.may_be_continued:
        raise CommandError("invalid", "This answer is not to be continued", field="generation")
    check_allowance(user)
    conversation = _locked_conversation(user, ended.conversation_id)
    revision = conversation.advance()
    generation = _queue(conversation, ended.message, ended.model, None, continues=ended)
    Message.objects.filter(pk=ended.message_id).update(revision=revision)
    return _submitted(conversation, parent, generation, None)


def _submitted(
    conversation: Conversation, message: UUID, generation: Generation, prompt: Message | None
) -> Submitted:
    return Submitted(
        conversation=conversation.pk,
        message=message,
        answer=generation.message_id,
        generation=generation.pk,
        duplicate=False,
        revision=conversation.revision,
        envelopes=(created_envelope(conversation, prompt, generation, message),),
    )


def _resent(user: User, command: MessageSend, stored: Message) -> Submitted:
    same_parent = command.parent in (msgspec.UNSET, stored.parent_id)
    same_place = command.conversation in (None, stored.conversation_id) and same_parent
    same_owner = stored.conversation.owner_id == user.pk
    if not (same_owner and same_place and stored.content == command.content):
        raise _conflict("message")
    _check_kept(stored.conversation)
    return _duplicate(Generation.objects.filter(message__parent=stored), stored.pk)


def _created_again(user: User, command: GenerationCreate, answered: Message) -> Submitted:
    same_owner = answered.conversation.owner_id == user.pk
    if not same_owner or answered.parent_id != command.message:
        raise _conflict("answer")
    _check_kept(answered.conversation)
    return _duplicate(Generation.objects.filter(message=answered), command.message)


def _check_kept(conversation: Conversation) -> None:
    if conversation.is_deleted:
        raise CommandError("not_found", "No such conversation", field="conversation")


def _duplicate(made: Any, message: UUID) -> Submitted:
    first = made.order_by("created_at").first()
    if first is None:
        raise _conflict("message")
    return Submitted(first.conversation_id, message, first.message_id, first.pk, duplicate=True)


def _conflict(field: Literal["message", "answer"]) -> CommandError:
    return CommandError("conflict", "This uuid stands for something else", field=field)


def _locked_user(user_id: int) -> User:
    found = _active_and_locked(user=user_id)
    if not found:
        raise CommandError("not_found", "No such user")
    return found[0]


@prepared
def _active_and_locked() -> QuerySet[User]:
    # The user alone: who has no limits of their own has no such row to lock.
    locked = people_now().select_for_update(no_key=True, of=("self",))
    return locked.filter(pk=Given("user", BigAutoField()), is_active=True)


@prepared
def _with_conversation() -> QuerySet[Message]:
    found = Message.objects.filter(pk=Given("message", UUIDField()))
    return found.select_related("conversation").order_by()


def _owned(user: User) -> ConversationQuerySet:
    return Conversation.objects.owned_by(user)


def _owned_message(user: User, message_id: UUID) -> Message:
    found = Message.objects.filter(pk=message_id, conversation__in=_owned(user)).first()
    if found is None:
        raise CommandError("not_found", "No such message", field="message")
    return found


def _check_content(content: str) -> None:
    if not content.strip():
        raise CommandError("invalid", "The content is empty", field="content")
    if len(content) > settings.MESSAGE_MAX_CHARS:
        detail = f"A message may have {settings.MESSAGE_MAX_CHARS} characters"
        raise CommandError("too_long", detail, field="content")


def _new_conversation(
    user: User, command: MessageSend, new_id: UUID, head: UUID, model: str
) -> Conversation:
    """Store a conversation whose head is about to be: the database checks that at the commit."""
    return Conversation.objects.create(
        pk=new_id,
        owner=user,
        title=title_of(command.content),
        head_id=head,
        model=model,
        params=_as_dict(command.params),
        compared=_compared(command),
        revision=1,
        created_at=user.now,
        updated_at=user.now,
        revised_at=user.now,
    )


def _locked_conversation(user: User, conversation_id: UUID) -> Conversation:
    return locked_conversation(conversation_id, _owned(user))


def _compared(command: MessageSend) -> UUID | None:
    """Name the prompt whose answers are side by side from now on: talking on ends what was compared before."""
    return command.message if command.compare else None


def _refuse_parent(command: MessageSend) -> None:
    """Refuse a parent where there is nothing yet."""
    if command.parent is not msgspec.UNSET and command.parent is not None:
        raise CommandError("not_found", "No such message", field="parent")


def _parent_for(conversation: Conversation, command: MessageSend) -> UUID | None:
    if command.parent is msgspec.UNSET:
        return conversation.head_id
    if command.parent is None:
        return None
    found = Message.objects.filter(pk=command.parent, conversation=conversation).first()
    if found is None:
        raise CommandError("not_found", "No such message", field="parent")
    if found.role != Role.ASSISTANT:
        raise CommandError("invalid", "A prompt follows an answer", field="parent")
    return found.pk


def _answer(conversation: Conversation, prompt: Message, answer_id: UUID) -> Message:
    return Message(
        pk=answer_id,
        conversation=conversation,
        parent=prompt,
        role=Role.ASSISTANT,
        revision=conversation.revision,
        # After its prompt, which is of the same change.
        created_at=conversation.updated_at + TICK,
    )


def _queue(
    conversation: Conversation,
    answer: Message,
    model: str,
    params: Params | None,
    continues: Generation | None = None,
) -> Generation:
    base = continues.params if continues is not None else conversation.params
    return Generation.objects.create(
        message=answer,
        conversation=conversation,
        owner_id=conversation.owner_id,
        continues=continues,
        model=model or conversation.model or LanguageModel.objects.default_name(),
        params={**base, **_as_dict(params)},
        # What was made later in a conversation has a later time: that is how versions are ordered.
        created_at=conversation.updated_at,
    )


def _as_dict(params: Params | None) -> dict[str, Any]:
    return {} if params is None else dict(msgspec.to_builtins(params))
