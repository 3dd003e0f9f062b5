"""What is left out when a conversation does not fit the model's context."""

from hypothesis import given
from hypothesis import strategies as st

from chat.generation.fitting import MESSAGE_OVERHEAD_TOKENS, fit, prompt_room
from chat.generation.tokens import estimated_tokens


def message(role: str, words: int) -> dict[str, str]:
    return {"role": role, "content": "word " * words}


def turns(count: int, words: int = 100) -> list[dict[str, str]]:
    roles = ("user", "assistant")
    return [message(roles[number % 2], words) for number in range(count)]


def test_everything_is_sent_when_it_fits() -> None:
    messages = [message("system", 5), *turns(5)]
    assert fit(messages, 8000, None) == (messages, 0)


def test_everything_is_sent_when_the_context_is_not_known() -> None:
    messages = turns(501)
    assert fit(messages, None, None) == (messages, 0)


def test_the_oldest_turns_are_left_out_and_the_system_prompt_stays() -> None:
    system, conversation = message("system", 5), turns(9)
    sent, omitted = fit([system, *conversation], 1000, None)
    assert sent[0] == system
    assert omitted in {2, 4, 6, 8}
    assert sent[1:] == conversation[omitted:]


def test_the_last_prompt_is_sent_even_when_it_alone_is_too_long() -> None:
    sent, omitted = fit(turns(5, words=5000), 1000, None)
    assert (sent, omitted) == (turns(5, words=5000)[-1:], 4)


def test_room_is_kept_for_the_answer_that_was_asked_for() -> None:
    assert prompt_room(8192, 4096) == int(8192 * 0.9) - 4096
    assert prompt_room(8192, None) == int(8192 * 0.9) - 1024
    assert prompt_room(1000, None) == 900 - 250
    assert prompt_room(1000, 5000) == 0


@given(
    lengths=st.lists(st.integers(1, 400), min_size=1, max_size=40),
    context=st.integers(100, 20_000),
    has_system=st.booleans(),
)
def test_what_is_sent_fits_or_is_the_last_prompt_alone(
    lengths: list[int], context: int, has_system: bool
) -> None:
    conversation = [
        message("user" if number % 2 == 0 else "assistant", words)
        for number, words in enumerate(lengths)
    ]
    if conversation[-1]["role"] == "assistant":
        conversation.pop()
    system = [message("system", 3)] if has_system else []
    sent, omitted = fit(system + conversation, context, None)
    rest = sent[len(system) :]
    assert sent[: len(system)] == system
    assert rest == conversation[omitted:]
    assert rest[0]["role"] == "user"
    size = sum(estimated_tokens(m["content"]) + MESSAGE_OVERHEAD_TOKENS for m in sent)
    assert size <= prompt_room(context, None) or len(rest) == 1
