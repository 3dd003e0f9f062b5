"""Bytes to deltas, without a network."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.evolution import Delta, ProviderError, Usage
from chat.evolution.decoding import StreamDecoder


def data(value: Any) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def chunk(finish: str | None = None, **delta: Any) -> bytes:
    return data({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


DONE = b"data: [DONE]\n\n"
END = chunk("stop") + DONE


def decode(*reads: bytes) -> tuple[StreamDecoder, list[Delta]]:
    decoder, deltas = StreamDecoder(), list[Delta]()
    for read in reads:
        deltas += decoder.feed(read)
    if not decoder.done:
        deltas += decoder.end()
    return decoder, deltas


def text_of(deltas: list[Delta], kind: str) -> str:
    return "".join(delta.text for delta in deltas if delta.kind == kind)


STREAM = (
    b": keepalive\r\n\r\n"
    + chunk(role="assistant", content="")
    + chunk(reasoning_content="Думаю… ")
    + chunk(reasoning="日本 ")
    + chunk(content="<thi").replace(b"\n", b"\r\n")
    + chunk(content="nk>ещё</th")
    + chunk(content="ink>\n\nПривет, ")
    + chunk(content="мир 🌍!")
    + chunk(content=None)
    + chunk("stop")
    + data({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 5}})
    + DONE
)


@given(st.lists(st.integers(0, len(STREAM)), max_size=40))
def test_a_stream_cut_at_any_bytes_is_the_same_answer(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[start:end] for start, end in pairwise(places)]
    decoder, deltas = decode(*filter(None, pieces))
    assert text_of(deltas, "reasoning") == "Думаю… 日本 ещё"
    assert text_of(deltas, "content") == "Привет, мир 🌍!"
    assert sum(delta.chunks for delta in deltas) == 6
    assert (decoder.finish_reason, decoder.usage) == ("stop", Usage(3, 5))
    assert decoder.failure is None


def test_a_read_becomes_one_delta_for_each_run_of_a_kind() -> None:
    _, deltas = decode(
        chunk(reasoning="a")
        + chunk(reasoning="b")
        + chunk(content="c")
        + chunk(content="d", reasoning="")
        + END
    )
    assert deltas == [Delta("reasoning", "ab", 2), Delta("content", "cd", 2)]


@given(st.text(max_size=30), st.data())
def test_content_without_think_tags_is_never_changed(text: str, draw: st.DataObject) -> None:
    cut = draw.draw(st.integers(0, len(text)))
    _, deltas = decode(chunk(content=text[:cut]), chunk(content=text[cut:]), END)
    if not text.lstrip().startswith("<think>"):
        assert text_of(deltas, "content") == text.replace("\0", "\ufffd")


@pytest.mark.parametrize(
    ("text", "reasoning", "content"),
    [
        ("<think>a</think>b", "a", "b"),
        (" \n<think>a</think>\n\nb", "a", "b"),
        ("<think>never closed", "never closed", ""),
        ("<think>cut </thi", "cut </thi", ""),
        ("<thin ice", "", "<thin ice"),
        ("<thi", "", "<thi"),
        ("write <think> and </think>", "", "write <think> and </think>"),
        ("<think>a<b</think>c<think>d", "a<b", "c<think>d"),
        ("   ", "", "   "),
    ],
)
def test_think_tags_count_at_the_start_only(text: str, reasoning: str, content: str) -> None:
    for size in (1, 3, 100):
        parts = [chunk(content=text[at : at + size]) for at in range(0, len(text), size)]
        _, deltas = decode(*parts, END)
        assert (text_of(deltas, "reasoning"), text_of(deltas, "content")) == (reasoning, content)


def test_usage_is_taken_from_any_chunk_and_the_last_wins() -> None:
    early = data({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})
    late = data({"choices": [], "usage": {"prompt_tokens": "7", "completion_tokens": 9}})
    decoder, _ = decode(early + chunk(content="x") + late + END)
    assert decoder.usage == Usage(7, 9)


def test_lone_surrogates_and_nul_are_replaced_and_pairs_are_kept() -> None:
    raw = rb'data: {"choices":[{"delta":{"content":"a\ud83d b\u0000 \ud83c\udf0d \ud83d"}}]}'
    _, deltas = decode(raw + b"\n\n" + END)
    assert text_of(deltas, "content") == "a\ufffd b\ufffd 🌍 \ufffd"


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    raw = chunk(content="a?b").replace(b"?", b"\xff")
    _, deltas = decode(raw + END)
    assert text_of(deltas, "content") == "a\ufffdb"


def test_a_last_chunk_without_a_line_end_counts() -> None:
    decoder, deltas = decode(chunk(content="a"), chunk("stop", content="b").rstrip())
    assert text_of(deltas, "content") == "ab"
    assert decoder.finish_reason == "stop"


def test_a_connection_lost_after_the_finish_reason_lost_nothing() -> None:
    decoder = StreamDecoder()
    decoder.feed(chunk("stop", content="whole"))
    decoder.end(ProviderError("provider_truncated"))
    assert (decoder.finish_reason, decoder.failure) == ("stop", None)


def test_text_held_back_for_a_tag_is_given_out_when_the_stream_breaks() -> None:
    decoder = StreamDecoder()
    assert decoder.feed(chunk(content="<thi")) == []
    assert decoder.end(ProviderError("provider_timeout")) == [Delta("content", "<thi", 1)]


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        (b"", "provider_truncated"),
        (DONE, "provider_truncated"),
        (chunk(content="x"), "provider_truncated"),
        (b"data: {oops\n\n", "provider_bad_response"),
        (b"data: 123\n\n", "provider_bad_response"),
        (b"data: {oops", "provider_truncated"),
        (data({"choices": [{"delta": {"content": ["x"]}}]}), "provider_bad_response"),
        (b"<html>busy</html>", "provider_bad_response"),
        (b'{"error": {"message": "no", "code": 429}}', "provider_rate_limited"),
        (b'{"object": "error", "message": "no", "code": 401}', "provider_auth"),
        (b'{"id": "x", "choices": []}', "provider_bad_response"),
        (
            data({"error": {"message": "no", "code": "rate_limit_exceeded"}}),
            "provider_rate_limited",
        ),
        (data({"error": {"message": "no", "type": "overloaded_error"}}), "provider_unavailable"),
        (data({"error": "model crashed"}), "provider_unavailable"),
        (
            b'error: {"error": {"message": "context size", "code": 400}}\n',
            "context_length_exceeded",
        ),
        (b"data: " + b"x" * 2_000_000, "provider_bad_response"),
    ],
)
def test_what_is_no_whole_stream_has_its_code(stream: bytes, code: str) -> None:
    decoder, _ = decode(stream)
    assert decoder.failure is not None
    assert decoder.failure.code == code
