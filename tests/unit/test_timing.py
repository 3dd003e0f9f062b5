"""The stopwatch of a stream, and the rates that follow from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.timing import Stopwatch, percentile_ms, rates
from tests.unit.clock import Clock


def test_a_stream_without_text_has_no_time_to_first_token() -> None:
    clock = Clock()
    watch = Stopwatch(clock)
    clock.advance(1.5)

    read = watch.read()

    assert (read.ttft_ms, read.reasoning_ms, read.content_ms) == (None, None, None)
    assert (read.total_ms, read.chunks, read.chars) == (1500, 0, 0)
    assert (read.gap_p50_ms, read.gap_p95_ms) == (None, None)


def test_it_measures_from_the_request_to_the_first_delta_and_to_the_end() -> None:
    clock = Clock()
    watch = Stopwatch(clock)
    clock.advance(0.25)
    watch.delta("content", chars=10, chunks=2)
    clock.advance(1.0)
    watch.delta("content", chars=5, chunks=1)
    clock.advance(0.1)

    read = watch.read()

    assert (read.ttft_ms, read.total_ms, read.chunks, read.chars) == (250, 1350, 3, 15)


def test_the_first_reasoning_and_the_first_content_are_measured_apart() -> None:
    clock = Clock()
    watch = Stopwatch(clock)
    clock.advance(0.5)
    watch.delta("reasoning", 4, 1)
    clock.advance(2)
    watch.delta("content", 4, 1)

    read = watch.read()

    assert (read.ttft_ms, read.reasoning_ms, read.content_ms) == (500, 500, 2500)


def test_gaps_are_the_times_between_two_reads() -> None:
    clock = Clock()
    watch = Stopwatch(clock)
    for gap in [1.0, *([0.05] * 18), 0.4, 0.9]:
        clock.advance(gap)
        watch.delta("content", 1, 1)

    read = watch.read()

    assert (read.gap_p50_ms, read.gap_p95_ms) == (50, 400)


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(
    seconds: list[float], share: float
) -> None:
    found = percentile_ms(seconds, share)

    assert found in {round(value * 1000) for value in seconds}
    assert sum(round(value * 1000) <= found for value in seconds) >= share * len(seconds) - 1e-6


def test_it_can_be_read_more_than_once() -> None:
    clock = Clock()
    watch = Stopwatch(clock)
    watch.delta("content", 1, 1)
    watch.read()
    clock.advance(2)

    assert watch.read().total_ms == 2000


def test_rates_are_per_second_and_per_chunk() -> None:
    assert rates(total_ms=2000, chunks=8, chars=100) == {
        "chars_per_second": 50.0,
        "chunks_per_second": 4.0,
        "avg_chunk_chars": 12.5,
    }


@pytest.mark.parametrize(
    ("total_ms", "chunks", "chars"), [(None, 1, 1), (0, 1, 1), (1, None, 1), (1, 1, None)]
)
def test_there_are_no_rates_without_their_numbers(
    total_ms: int | None, chunks: int | None, chars: int | None
) -> None:
    assert set(rates(total_ms, chunks, chars).values()) == {None}


def test_an_answer_without_a_chunk_has_no_average() -> None:
    assert rates(total_ms=1000, chunks=0, chars=0) == {
        "chars_per_second": 0.0,
        "chunks_per_second": 0.0,
        "avg_chunk_chars": None,
    }
