"""A prompt and its answer, as one socket and as two see them."""

import uuid

from tests.support.deployment import Deployment
from tests.support.wire import assert_contiguous


def numbered(count: int) -> str:
    """Give the scripted provider's text of `count` chunks."""
    return "".join(f"w{number:04} " for number in range(1, count + 1)).rstrip()


async def test_it_streams_an_answer_in_the_order_of_the_contract(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt("[[chunks=20 rate=100]]")
        end = await socket.until_end(accepted["generation"])
    generation = accepted["generation"]
    kinds = [f["type"] for f in socket.frames if f["type"] != "generation.delta"]
    assert kinds == [
        "session.ready",
        "message.accepted",
        "message.created",
        "generation.created",
        "conversation.created",
        "generation.started",
        "generation.completed",
    ]
    assert_contiguous(socket.frames, generation)
    assert end["finish_reason"] == "stop"
    assert (end["usage"]["output_tokens"], end["usage"]["estimated"]) == (20, False)
    assert end["timing"]["chunks"] == 20
    assert socket.shown(generation).split() == numbered(20).split()


async def test_what_is_shown_is_what_is_stored(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt("[[chunks=30 rate=200 reasoning=5]]")
        await socket.until_end(accepted["generation"])
    answer = chat.database.message(accepted["answer"])
    stored = chat.database.generation(accepted["generation"])
    assert socket.shown(accepted["generation"]) == answer.content
    assert answer.reasoning
    assert stored.status == "completed"
    assert stored.content_chars == len(answer.content)
    assert stored.reasoning_chars == len(answer.reasoning)


async def test_every_shown_delta_is_in_the_log_while_the_answer_is_written(
    chat: Deployment,
) -> None:
    alice = chat.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[chunks=40 rate=0 hold=15]]"
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt(prompt)
        shown = await socket.until_text(accepted["generation"], 15 * 6 - 1)
        assert chat.database.logged_text(accepted["generation"]) == shown
        await chat.evolution.release()
        await socket.until_end(accepted["generation"])
    assert chat.database.message(accepted["answer"]).content.split() == numbered(40).split()


async def test_a_second_socket_follows_live_and_both_see_the_same(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as first, chat.socket(alice) as second:
        opened = await first.prompt("[[chunks=2 rate=0]]")
        await first.until_end(opened["generation"])
        conversation = opened["conversation"]
        await second.ask("conversation.subscribe", conversation=conversation)
        accepted = await first.prompt("[[chunks=40 rate=200]]", conversation)
        await first.until_end(accepted["generation"])
        await second.until_end(accepted["generation"])
    assert first.events(accepted["generation"]) == second.events(accepted["generation"])
    assert_contiguous(second.frames, accepted["generation"])


async def test_a_socket_that_comes_in_mid_answer_gets_the_text_so_far_and_then_the_rest(
    chat: Deployment,
) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as first:
        accepted = await first.prompt(f"{uuid.uuid4()} [[chunks=60 rate=100 hold=20]]")
        await first.until_text(accepted["generation"], 20 * 6 - 1)
        async with chat.socket(alice) as second:
            snapshot = await second.ask(
                "conversation.subscribe", conversation=accepted["conversation"]
            )
            (live,) = snapshot["generations"]
            assert live["id"] == accepted["generation"]
            assert live["content"] == first.shown(accepted["generation"])
            assert live["seq"] == first.seqs(accepted["generation"])[-1]
            await chat.evolution.release()
            await second.until_end(accepted["generation"])
        await first.until_end(accepted["generation"])
    assert second.seqs(accepted["generation"])[0] == live["seq"] + 1
    assert second.shown(accepted["generation"]) == first.shown(accepted["generation"])


async def test_a_socket_that_returns_with_its_revision_gets_only_what_changed(
    chat: Deployment,
) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as first:
        opened = await first.prompt("[[chunks=2 rate=0]]")
        await first.until_end(opened["generation"])
        conversation = opened["conversation"]
        whole = await first.ask("conversation.subscribe", conversation=conversation)
        later = await first.prompt("[[chunks=3 rate=0]]", conversation)
        await first.until_end(later["generation"])
        revision = whole["conversation"]["revision"]
        news = await first.ask(
            "conversation.subscribe", conversation=conversation, revision=revision
        )
    assert [message["id"] for message in whole["messages"]] == [opened["message"], opened["answer"]]
    assert [message["id"] for message in news["messages"]] == [later["message"], later["answer"]]
    assert news["messages"][1]["generation"]["status"] == "completed"
    assert news["conversation"]["revision"] > revision


async def test_a_prompt_sent_while_its_parent_answer_is_written_starts_after_it(
    chat: Deployment,
) -> None:
    alice = chat.sign_up("alice")
    mark = uuid.uuid4()
    async with chat.socket(alice) as socket:
        first = await socket.prompt(f"{mark} [[chunks=10 rate=0 hold=5]]")
        await socket.until_text(first["generation"], 5 * 6 - 1)
        second = await socket.prompt(f"{mark} second [[chunks=2 rate=0]]", first["conversation"])
        queued = await socket.until("generation.queued", generation=second["generation"])
        assert queued["position"] == 1
        await chat.evolution.release()
        await socket.until_end(second["generation"])
    order = [(f["type"], f["generation"]) for f in socket.frames if "generation" in f]
    ended = order.index(("generation.completed", first["generation"]))
    assert ended < order.index(("generation.started", second["generation"]))
    (call,) = await chat.evolution.calls(f"{mark} second [[chunks=2 rate=0]]")
    roles = [message["role"] for message in call["body"]["messages"]]
    assert roles == ["user", "assistant", "user"]


async def test_who_prompts_into_a_conversation_follows_what_is_written_there_already(
    chat: Deployment,
) -> None:
    alice = chat.sign_up("alice")
    mark = uuid.uuid4()
    async with chat.socket(alice) as first, chat.socket(alice) as second:
        running = await first.prompt(f"{mark} [[fault=endless rate=20]]")
        await first.until_text(running["generation"], 12)
        queued = await second.prompt("[[chunks=1 rate=0]]", running["conversation"])
        await second.until("generation.delta", generation=running["generation"])
        await second.until_text(running["generation"], len(first.shown(running["generation"])) + 12)
        await second.ask("generation.cancel", generation=running["generation"])
        await second.until_end(queued["generation"])
    assert_contiguous(second.frames, running["generation"])
    assert_contiguous(second.frames, queued["generation"])
    assert second.shown(running["generation"]) == chat.database.message(running["answer"]).content


async def test_an_old_answer_continued_in_another_tab_is_not_told_twice(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as first, chat.socket(alice) as second:
        cut = await first.prompt("[[chunks=9 rate=0]]", params={"max_tokens": 3})
        await first.until_end(cut["generation"])
        await second.ask("conversation.subscribe", conversation=cut["conversation"])
        more = await first.ask("generation.continue", generation=cut["generation"])
        await second.until_end(more["generation"])
        await second.settle()
    assert second.events(cut["generation"]) == []
    assert_contiguous(second.frames, more["generation"])


async def test_params_reach_the_provider_and_a_stop_sequence_ends_the_answer(
    chat: Deployment,
) -> None:
    alice = chat.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[chunks=20 rate=0]]"
    params = {
        "system_prompt": "Be brief",
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 100,
        "stop": ["w0005"],
    }
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt(prompt, params=params, model="scripted/echo-2")
        end = await socket.until_end(accepted["generation"])
    (call,) = await chat.evolution.calls(prompt)
    assert call["body"]["messages"][0] == {"role": "system", "content": "Be brief"}
    asked = {name: call["body"][name] for name in ("temperature", "top_p", "max_tokens", "stop")}
    assert asked == {name: params[name] for name in asked}
    assert call["body"]["model"] == "scripted/echo-2"
    assert end["finish_reason"] == "stop"
    assert chat.database.message(accepted["answer"]).content.split() == numbered(4).split()


async def test_the_length_limit_is_told_from_a_stop(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt("[[chunks=20 rate=0]]", params={"max_tokens": 5})
        end = await socket.until_end(accepted["generation"])
    assert end["finish_reason"] == "length"


async def test_several_answers_stream_at_once_over_one_socket(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = [await socket.prompt("[[chunks=30 rate=100]]") for _ in range(3)]
        ends = {(await socket.until("generation.completed"))["generation"] for _ in accepted}
    assert ends == {each["generation"] for each in accepted}
    for each in accepted:
        assert socket.shown(each["generation"]).split() == numbered(30).split()
        assert_contiguous(socket.frames, each["generation"])


async def test_a_failure_of_the_provider_has_a_code_and_keeps_the_text(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt("[[chunks=20 rate=0 fault=eof at=7]]")
        end = await socket.until_end(accepted["generation"])
    assert (end["type"], end["code"], end["retryable"]) == (
        "generation.failed",
        "provider_truncated",
        True,
    )
    assert_contiguous(socket.frames, accepted["generation"])
    shown = socket.shown(accepted["generation"])
    assert shown.split() == numbered(7).split()
    assert chat.database.message(accepted["answer"]).content == shown


async def test_the_providers_own_words_never_reach_the_user(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt("[[status=400]]")
        end = await socket.until_end(accepted["generation"])
    stored = chat.database.generation(accepted["generation"])
    assert end["code"] == "provider_bad_request"
    assert stored.detail
    assert all(stored.detail not in str(frame) for frame in socket.frames)


async def test_a_retry_before_the_first_word_is_told(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[chunks=3 rate=0 status=503 times=1]]"
    async with chat.socket(alice) as socket:
        accepted = await socket.prompt(prompt)
        retrying = await socket.until("generation.retrying", generation=accepted["generation"])
        end = await socket.until_end(accepted["generation"])
    assert (retrying["attempt"], retrying["code"]) == (1, "provider_unavailable")
    assert end["type"] == "generation.completed"
    assert len(await chat.evolution.calls(prompt)) == 2
