"""Whatever a provider does wrong, the text that came is kept and the code says what it was."""

import asyncio

import psutil
import pytest

from chat.evolution import Provider
from scripted_evolution import ScriptedEvolution
from scripted_evolution.directives import FAULTS
from tests.evolution.asking import ask, provider_of, words
from tests.support.waiting import eventually

# After three words: the text that is kept, and the code of the error or none.
AFTER_THREE_WORDS = {
    "comments": (words(3), "provider_timeout"),
    "crlf": (words(5), None),
    "done_without_finish": (words(3), "provider_truncated"),
    "dribble": (words(5), None),
    "empty_choices": (words(5), None),
    "eof": (words(3), "provider_truncated"),
    "error_event": (words(3), "provider_unavailable"),
    "garbage": (words(3), "provider_bad_response"),
    "half_line": (words(3), "provider_truncated"),
    "html_200": ("", "provider_bad_response"),
    "huge_line": (words(3), "provider_bad_response"),
    "json_200": ("", "provider_unavailable"),
    "never": ("", "provider_timeout"),
    "nul": ("w0001 w0002 w0003 \ufffdw0004 w0005 ", None),
    "null_choices": (words(5), None),
    "other_choice": (words(5), None),
    "null_content": (words(5), None),
    "null_delta": (words(5), None),
    "reset": (words(3), "provider_truncated"),
    "surrogate": ("w0001 w0002 w0003 \ufffdw0004 w0005 ", None),
}

# Before the first word.
AT_ONCE = {
    "comments": "provider_timeout",
    "done_without_finish": "provider_truncated",
    "eof": "provider_unavailable",
    "error_event": "provider_unavailable",
    "garbage": "provider_bad_response",
    "reset": "provider_unavailable",
}


def test_every_fault_has_a_row() -> None:
    assert set(AFTER_THREE_WORDS) == set(FAULTS) - {"endless"}


@pytest.mark.parametrize("fault", AFTER_THREE_WORDS)
async def test_the_text_before_a_fault_is_kept(provider: Provider, fault: str) -> None:
    text, code = AFTER_THREE_WORDS[fault]
    # Paced, so that a reset does not overtake the words on their way.
    rate = 100 if fault == "reset" else 0
    answer = await ask(provider, f"fault={fault} at=3 chunks=5 rate={rate}")
    assert (answer.content, answer.code) == (text, code)
    assert answer.finish == (None if code else "stop")


@pytest.mark.parametrize("fault", AT_ONCE)
async def test_a_fault_before_the_first_delta_has_its_code(provider: Provider, fault: str) -> None:
    answer = await ask(provider, f"fault={fault} at=0 chunks=5 rate=0")
    assert (answer.content, answer.code) == ("", AT_ONCE[fault])


@pytest.mark.parametrize("fault", ["comments", "eof", "error_event", "reset"])
async def test_nothing_is_tried_again_after_the_first_delta(provider: Provider, fault: str) -> None:
    answer = await ask(provider, f"fault={fault} at=1 times=1 chunks=5 rate=50")
    assert answer.retries == []
    assert answer.error is not None
    assert answer.error.retryable


@pytest.mark.parametrize("fault", ["comments", "eof", "error_event", "never", "reset"])
async def test_a_passing_fault_before_the_first_delta_is_not_seen(
    provider: Provider, fault: str
) -> None:
    answer = await ask(provider, f"fault={fault} at=0 times=1 chunks=5 rate=0")
    assert (answer.content, answer.finish) == (words(5), "stop")


def open_files() -> int:
    count: int = psutil.Process().num_fds()
    return count


@pytest.mark.parametrize("at", [0, 3])
@pytest.mark.parametrize("fault", AFTER_THREE_WORDS)
async def test_after_a_fault_no_request_no_task_and_no_connection_is_left(
    server: ScriptedEvolution, fault: str, at: int
) -> None:
    tasks, files = asyncio.all_tasks(), open_files()
    provider = provider_of(server, max_retries=0)
    await ask(provider, f"fault={fault} at={at} chunks=5 rate=0")
    await server.wait_for(lambda record: record.ended_at is not None)
    await provider.aclose()
    await eventually(lambda: asyncio.all_tasks() <= tasks, "no task is left")
    await eventually(lambda: open_files() <= files, "no connection is left")


async def test_a_cancel_of_an_endless_answer_leaves_nothing(server: ScriptedEvolution) -> None:
    provider = provider_of(server)
    # The session itself is there before and after.
    await ask(provider, "fault=eof at=0 times=1 chunks=1 rate=0")
    tasks, files = asyncio.all_tasks(), open_files()
    endless = asyncio.create_task(ask(provider, "fault=endless rate=0"))
    await server.wait_for(lambda record: record.chunks_sent > 100)
    endless.cancel()
    with pytest.raises(asyncio.CancelledError):
        await endless
    await server.wait_for(lambda record: record.closed_by_client)
    await eventually(lambda: asyncio.all_tasks() <= tasks, "no task is left")
    await eventually(lambda: open_files() <= files, "no connection is left")
    await provider.aclose()


async def test_the_connection_is_closed_long_before_the_end_of_a_huge_line(
    server: ScriptedEvolution, provider: Provider
) -> None:
    await ask(provider, "fault=huge_line at=0 chunks=5 rate=0")
    await server.wait_for(lambda record: record.closed_by_client)
