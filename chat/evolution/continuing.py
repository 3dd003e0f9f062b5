"""How a model is asked to continue an answer: behind its own text, or in words."""

from typing import Any, Literal, TypeAlias

from chat.evolution.errors import ProviderError
from chat.evolution.items import ChatRequest

CONTINUE = (
    "Continue your last answer exactly where it stops, even in the middle of a word. "
    "Do not repeat anything of it and add no introduction."
)

# A new answer; the text so far as the beginning of the answer; the text so far and a request.
Way: TypeAlias = Literal["new", "prefix", "words"]


class Continuing:
    """Knows which models take no prefix, once one has refused it."""

    def __init__(self) -> None:
        self._without_prefix: set[str] = set()

    def way(self, request: ChatRequest) -> Way:
        """Return the way to ask first."""
        if not request.partial:
            return "new"
        return "words" if request.model in self._without_prefix else "prefix"

    def after(self, request: ChatRequest, way: Way, error: ProviderError) -> Way:
        """Return the way to ask after `error`, which came before the first delta.

        Where a prefix is refused words may be taken. If these are refused as well, it was not
        the prefix, and that is forgotten.
        """
        if error.code != "provider_bad_request":
            return way
        if way == "words":
            self._without_prefix.discard(request.model)
        if way != "prefix":
            return way
        self._without_prefix.add(request.model)
        return "words"


def messages_of(request: ChatRequest, way: Way) -> dict[str, Any]:
    """Return the fields of the request's body that hold its messages.

    The two flags are vLLM's; llama.cpp continues a last message of the assistant without them.
    """
    if way == "new":
        return {"messages": request.messages}
    so_far = {"role": "assistant", "content": request.partial}
    if way == "words":
        asked = {"role": "user", "content": CONTINUE}
        return {"messages": [*request.messages, so_far, asked]}
    return {
        "messages": [*request.messages, so_far],
        "continue_final_message": True,
        "add_generation_prompt": False,
    }
