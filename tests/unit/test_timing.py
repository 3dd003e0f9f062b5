"""The stopwatch of a stream, and the rates that follow from it."""

import pytest

from chat.timing import Measured, Stopwatch, rates
from tests.unit.clock import Clock


def test_a_stream_without_text_has_no_time_to_first_token() -> None:
    clock = Clock()
    watch = Stopwatch(clock)
    clock.advance(1.5)

    assert watch.read() == Measured(ttft_ms=None, total_ms=1500, chunks=0, chars=0)


def test_it_measures_from_the_request_to_the_first_delta_and_to_the_end() -> None:
    clock = Clock()
    watch = Stopwatch(clock)
    clock.advance(0.25)
    watch.delta(chars=10, chunks=2)
    clock.advance(1.0)
    watch.delta(chars=5, chunks=1)
    clock.advance(0.1)

    assert watch.read() == Measured(ttft_ms=250, total_ms=1350, chunks=3, chars=15)


def test_it_can_be_read_more_than_once() -> None:
    clock = Clock()
    watch = Stopwatch(clock)
    watch.delta(1, 1)
    watch.read()
    clock.advance(2)

    assert watch.read() == Measured(ttft_ms=0, total_ms=2000, chunks=1, chars=1)


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
