"""Bytes to deltas, without a network."""

import json
import tracemalloc
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.evolution import Delta, ProviderError, Usage
from chat.evolution.decoding import StreamDecoder
from chat.evolution.lines import LINE_BYTES_MAX


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


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 5}, Usage(3, 5)),
        ({"prompt_tokens": 3}, Usage(3, 0)),
        ({"prompt_tokens": "3", "completion_tokens": 5.0}, Usage(3, 5)),
        (
            {"completion_tokens": 5, "completion_tokens_details": {"reasoning_tokens": 4}},
            Usage(0, 5, 4),
        ),
        ({"completion_tokens": 5, "completion_tokens_details": None}, Usage(0, 5)),
        ({"completion_tokens": 5, "completion_tokens_details": [1]}, Usage(0, 5)),
        ({"completion_tokens": -5, "prompt_tokens": 1e999}, Usage(0, 0)),
        ({"prompt_tokens": None, "completion_tokens": None}, None),
        ({}, None),
        ([], None),
        ("many", None),
    ],
)
def test_usage_of_any_shape_harms_nobody(usage: Any, expected: Usage | None) -> None:
    decoder, deltas = decode(chunk(content="x") + data({"choices": [], "usage": usage}) + END)
    assert (decoder.usage, decoder.failure) == (expected, None)
    assert text_of(deltas, "content") == "x"


def test_usage_without_numbers_does_not_replace_one_with_them() -> None:
    usages = [data({"usage": usage}) for usage in ({"prompt_tokens": 7}, {}, "x")]
    decoder, _ = decode(*usages, END)
    assert decoder.usage == Usage(7, 0)


def test_only_the_first_choice_counts() -> None:
    other = {"index": 1, "delta": {"content": "no"}, "finish_reason": "length"}
    first = {"index": 0, "delta": {"content": "yes"}, "finish_reason": None}
    decoder, deltas = decode(data({"choices": [other]}), data({"choices": [other, first]}))
    assert text_of(deltas, "content") == "yes"
    assert decoder.finish_reason is None


def test_a_stream_cut_once_anywhere_is_the_same_answer() -> None:
    for at in range(1, len(STREAM)):
        decoder, deltas = decode(STREAM[:at], STREAM[at:])
        assert text_of(deltas, "reasoning") == "Думаю… 日本 ещё", at
        assert text_of(deltas, "content") == "Привет, мир 🌍!", at
        assert (decoder.finish_reason, decoder.failure) == ("stop", None), at


def test_a_stream_that_comes_byte_by_byte_is_the_same_answer() -> None:
    decoder, deltas = decode(*(STREAM[at : at + 1] for at in range(len(STREAM))))
    assert text_of(deltas, "content") == "Привет, мир 🌍!"
    assert (decoder.finish_reason, decoder.failure) == ("stop", None)


def test_the_text_before_a_line_that_is_too_long_is_kept() -> None:
    decoder, deltas = decode(chunk(content="kept") + b"data: " + b"x" * 2_000_000)
    assert text_of(deltas, "content") == "kept"
    assert decoder.failure is not None


def test_a_line_of_ten_megabytes_takes_little_memory() -> None:
    decoder, piece = StreamDecoder(), b"x" * 65_536
    decoder.feed(b"data: ")
    tracemalloc.start()
    for _ in range(160):
        decoder.feed(piece)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert decoder.failure is not None
    assert decoder.failure.code == "provider_bad_response"
    assert peak < 4 * LINE_BYTES_MAX


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
        (b"data: " + b"x" * 2_000_000 + b"\n\n" + END, "provider_bad_response"),
        (b'data: {"error":' + b"[" * 99_999 + b"\n\n", "provider_bad_response"),
        (b'data: {"usage":' + b"[" * 99_999 + b"\n\n", "provider_bad_response"),
        (data([]), "provider_bad_response"),
    ],
)
def test_what_is_no_whole_stream_has_its_code(stream: bytes, code: str) -> None:
    decoder, _ = decode(stream)
    assert decoder.failure is not None
    assert decoder.failure.code == code
