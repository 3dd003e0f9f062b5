"""The buffer between the provider and the database."""

from hypothesis import given
from hypothesis import strategies as st

from chat.deltas import Delta, DeltaBuffer

pieces = st.lists(st.tuples(st.sampled_from(["content", "reasoning"]), st.text(min_size=1)))


def filled(*pieces: tuple[str, str]) -> DeltaBuffer:
    buffer = DeltaBuffer()
    for kind, text in pieces:
        buffer.push(kind, text)
    return buffer


def test_it_starts_empty_and_stored() -> None:
    buffer = DeltaBuffer()

    assert buffer.is_stored
    assert not buffer.has_pending
    assert (buffer.seq, buffer.content, buffer.reasoning, buffer.take()) == (0, "", "", [])


def test_it_joins_what_came_between_two_takes() -> None:
    buffer = filled(("content", "Hel"), ("content", "lo"))

    assert buffer.take() == [Delta(1, "content", "Hello")]


def test_it_keeps_the_order_of_thinking_and_speaking() -> None:
    buffer = filled(("reasoning", "a"), ("reasoning", "b"), ("content", "c"), ("reasoning", "d"))

    assert buffer.take() == [
        Delta(1, "reasoning", "ab"),
        Delta(2, "content", "c"),
        Delta(3, "reasoning", "d"),
    ]


def test_what_was_taken_and_not_stored_is_taken_again_unchanged() -> None:
    buffer = filled(("content", "one"))
    first = buffer.take()
    buffer.push("content", "two")

    assert buffer.take() == [*first, Delta(2, "content", "two")]


def test_only_what_is_stored_counts_as_said() -> None:
    buffer = filled(("reasoning", "hm"), ("content", "yes"))
    taken = buffer.take()
    assert (buffer.seq, buffer.content, buffer.reasoning) == (0, "", "")

    buffer.stored(taken[:1])
    assert (buffer.seq, buffer.content, buffer.reasoning) == (1, "", "hm")
    assert not buffer.is_stored

    buffer.stored(taken[1:])
    assert (buffer.seq, buffer.content, buffer.reasoning) == (2, "yes", "hm")
    assert buffer.is_stored


def test_a_cancel_drops_what_nobody_has_seen_and_keeps_what_is_being_stored() -> None:
    buffer = filled(("content", "seen"))
    taken = buffer.take()
    buffer.push("content", "unseen")
    buffer.drop_pending()

    assert buffer.take() == taken
    buffer.stored(taken)
    assert buffer.content == "seen"
    assert buffer.is_stored


def test_what_the_database_refuses_leaves_no_hole_in_the_numbers() -> None:
    buffer = filled(("content", "good"))
    buffer.stored(buffer.take())
    buffer.push("content", "poison")
    buffer.take()
    buffer.push("content", "pending")
    buffer.drop_unstored()
    assert buffer.is_stored

    buffer.push("content", "next")
    assert buffer.take() == [Delta(2, "content", "next")]
    assert buffer.content == "good"


def test_it_counts_what_is_not_saved() -> None:
    buffer = filled(("content", "12345"))
    taken = buffer.take()
    buffer.push("reasoning", "678")
    assert buffer.unsaved_chars == 8

    buffer.stored(taken)
    assert buffer.unsaved_chars == 3


@given(st.lists(pieces, max_size=8), st.data())
def test_nothing_is_lost_or_renumbered_however_storing_goes(
    batches: list[list[tuple[str, str]]], data: st.DataObject
) -> None:
    buffer = DeltaBuffer()
    database: dict[int, Delta] = {}
    for batch in batches:
        for kind, text in batch:
            buffer.push(kind, text)
        taken = buffer.take()
        stored = taken[: data.draw(st.integers(0, len(taken)))]
        for delta in stored:
            assert database.setdefault(delta.seq, delta) == delta
        buffer.stored(stored)
    last = buffer.take()
    database |= {delta.seq: delta for delta in last}
    buffer.stored(last)

    assert sorted(database) == list(range(1, len(database) + 1))
    for kind, said in (("content", buffer.content), ("reasoning", buffer.reasoning)):
        pushed = "".join(text for batch in batches for k, text in batch if k == kind)
        in_order = [database[seq] for seq in sorted(database)]
        assert said == pushed == "".join(d.text for d in in_order if d.kind == kind)
