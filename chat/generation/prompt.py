"""What the provider is asked: the branch that leads to an answer, as its messages."""

from __future__ import annotations

from collections.abc import Iterable

from chat.conversations.shapes import params_shape
from chat.evolution import ChatRequest
from chat.models import Generation, Message, Role

CONTINUE = "Continue your answer exactly where it stopped. Do not repeat anything of it."


def request_for(generation: Generation, default_model: str) -> ChatRequest:
    """Read the branch of a claimed generation and build its request."""
    answer = Message.objects.get(pk=generation.message_id)
    params = params_shape(generation.params)
    return ChatRequest(
        model=generation.model or default_model,
        messages=messages_for(
            Message.objects.branch(answer.parent_id), answer, params.system_prompt
        ),
        temperature=params.temperature,
        top_p=params.top_p,
        max_tokens=params.max_tokens,
        stop=params.stop,
    )


def messages_for(
    branch: Iterable[Message], answer: Message, system_prompt: str | None
) -> list[dict[str, str]]:
    """List the messages to send: an empty answer says nothing, an answer begun is to be continued."""
    messages = [_message("system", system_prompt)] if system_prompt else []
    messages += [_message(m.role, m.content) for m in branch if m.content]
    if answer.content:
        messages += [_message(Role.ASSISTANT, answer.content), _message(Role.USER, CONTINUE)]
    return messages


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": str(role), "content": content}
