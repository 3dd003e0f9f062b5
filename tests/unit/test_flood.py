"""The limit on frames of one socket."""

from chat.flood import FloodGate
from tests.unit.clock import Clock


def test_it_allows_the_limit_and_not_one_more() -> None:
    gate = FloodGate(3, 10.0, Clock())

    assert [gate.is_over() for _ in range(4)] == [False, False, False, True]


def test_it_forgets_what_is_older_than_the_window() -> None:
    clock = Clock()
    gate = FloodGate(2, 10.0, clock)
    assert not gate.is_over()
    clock.advance(6)
    assert not gate.is_over()
    clock.advance(4)

    assert not gate.is_over()
    assert gate.is_over()


def test_a_steady_rate_at_the_limit_passes_for_ever() -> None:
    clock = Clock()
    gate = FloodGate(160, 10.0, clock)

    for _ in range(1000):
        assert not gate.is_over()
        clock.advance(10.0 / 160)


def test_the_window_slides() -> None:
    """Twice the limit around the turn of a window is not allowed, as it would be with fixed ones."""
    clock = Clock()
    gate = FloodGate(4, 10.0, clock)
    clock.advance(9)
    assert [gate.is_over() for _ in range(4)] == [False] * 4
    clock.advance(2)

    assert gate.is_over()
