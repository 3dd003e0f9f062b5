"""What the provider is asked: the branch that leads to an answer, as its messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import CharField, QuerySet, UUIDField

from chat.conversations.shapes import params_shape
from chat.evolution import ChatRequest
from chat.generation.fitting import fit
from chat.generation.record import LeaseLostError
from chat.models import Generation, LanguageModel, Message, TitleSource
from chat.models.prepared import Given, prepared


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request, and what its generation needs to know of it.

    `omitted` counts the messages that did not fit. `title_from` is the first prompt of a conversation
    that a model is still to name.
    """

    request: ChatRequest
    omitted: int
    title_from: str | None


def prompt_for(runner_id: UUID, generation_id: UUID, default_model: str) -> Prompt:
    """Read a claimed generation and its branch, build its request, and note in its row what that uses.

    Raises `LeaseLostError` when it is no longer its runner's: a process that was frozen after its claim
    must not have an answer billed that others have ended.
    """
    ours = _running(runner=runner_id, generation=generation_id)
    if not ours:
        raise LeaseLostError(str(runner_id))
    (generation,) = ours
    *branch, answer = Message.objects.branch(generation.message_id)
    params = params_shape(generation.params)
    model = generation.model or LanguageModel.objects.default_name() or default_model
    messages, omitted = fit(
        messages_for(branch, params.system_prompt),
        next(iter(_context_length(model=model)), None),
        params.max_tokens,
    )
    if (model, omitted) != (generation.model, generation.omitted):
        asked = Generation.objects.of_runner(runner_id).filter(pk=generation_id)
        asked.update(model=model, omitted=omitted)
    request = ChatRequest(
        model=model,
        messages=messages,
        temperature=params.temperature,
        top_p=params.top_p,
        max_tokens=params.max_tokens,
        stop=params.stop,
        partial=answer.content or None,
    )
    is_first = len(branch) == 1 and not answer.content
    return Prompt(request, omitted, _title_from(generation, branch[0]) if is_first else None)


@prepared
def _running() -> QuerySet[Generation]:
    runner, generation = Given("runner", UUIDField()), Given("generation", UUIDField())
    ours = Generation.objects.of_runner(runner).filter(pk=generation)
    used = ("message", "runner", "model", "params", "omitted", "conversation__title_source")
    return ours.select_related("conversation").only(*used).order_by()


@prepared
def _context_length() -> QuerySet[LanguageModel, int | None]:
    known = LanguageModel.objects.filter(name=Given("model", CharField()))
    return known.order_by().values_list("context_length", flat=True)


def messages_for(branch: Iterable[Message], system_prompt: str | None) -> list[dict[str, str]]:
    """List the messages to send; an answer that is still empty says nothing."""
    messages = [_message("system", system_prompt)] if system_prompt else []
    return messages + [_message(m.role, m.content) for m in branch if m.content]


def _title_from(generation: Generation, first: Message) -> str | None:
    is_unnamed = generation.conversation.title_source == TitleSource.PROMPT
    return first.content if is_unnamed else None


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": str(role), "content": content}
