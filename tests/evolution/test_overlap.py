"""What a continuation repeats of the text it continues is dropped, and nothing else."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.evolution import Delta
from chat.evolution.overlap import LOOK_BACK_CHARS, Overlap, Seam

FOX = "The quick brown fox jumps"
STORY = "Once upon a time there was a king. He had a daughter. "
RULE = "| name | age | town |\n|---|---|---|\n"


def new_of(partial: str, continuation: str, *, in_words: bool, size: int = 1) -> str:
    overlap = Overlap(partial, in_words=in_words)
    parts = [continuation[at : at + size] for at in range(0, len(continuation), size)]
    return "".join([*map(overlap.feed, parts), overlap.flush()])


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("partial", "continuation", "new"),
    [
        (FOX, " over the dog", " over the dog"),
        (FOX, "jumps over", " over"),
        (FOX, " jumps over", " over"),
        (FOX, "brown fox jumps over", " over"),
        (FOX, f"{FOX} over", " over"),
        (FOX, FOX, ""),
        (f"{FOX} ov", "over the dog", "er the dog"),
        ("I have a", "a dog", " dog"),
        ("He went to", " tow a car", " tow a car"),
        ("I see wh", "what you mean", "at you mean"),
        ("Да, это", "это правда", " правда"),
        ("東京都の人口は", "人口は千四百万人", "人口は千四百万人"),
        ("東京都の人口は約", "の人口は約千四百万人", "千四百万人"),
        ("a line\n", "\n\nanother", "\n\nanother"),
        # From the beginning, but then in other words: that is another text.
        (STORY, "Once upon a time there was a queen.", "Once upon a time there was a queen."),
        ("", "anything", "anything"),
    ],
)
def test_a_run_up_of_a_model_asked_in_words_is_dropped(
    partial: str, continuation: str, new: str, size: int
) -> None:
    assert new_of(partial, continuation, in_words=True, size=size) == new


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("partial", "continuation", "new"),
    [
        (FOX, " over the dog", " over the dog"),
        ("ha ha ha ", "ha ha", "ha ha"),
        ("It costs 1000", "000 roubles", "000 roubles"),
        (RULE, "|---|---|---|\n", "|---|---|---|\n"),
        ("all the very best", "best wishes", "best wishes"),
        (STORY, "He had a daughter. She", "He had a daughter. She"),
        (STORY, "was a king. He had a daughter. She", "She"),
        (STORY, f"{STORY}She", "She"),
        (FOX, f"{FOX} over", " over"),
    ],
)
def test_behind_a_prefix_only_a_long_run_up_or_a_restart_is_dropped(
    partial: str, continuation: str, new: str, size: int
) -> None:
    assert new_of(partial, continuation, in_words=False, size=size) == new


@given(
    st.text("ab \n|", max_size=30),
    st.text("ab \n|", max_size=30),
    st.lists(st.integers(0, 30), max_size=5),
    st.booleans(),
)
def test_what_is_dropped_ends_the_text_so_far_however_it_is_cut(
    partial: str, continuation: str, cuts: list[int], in_words: bool
) -> None:
    overlap = Overlap(partial, in_words=in_words)
    places = [0, *sorted(min(cut, len(continuation)) for cut in cuts), len(continuation)]
    parts = [continuation[a:b] for a, b in pairwise(places)]
    new = "".join([*map(overlap.feed, parts), overlap.flush()])
    dropped = continuation.removesuffix(new) if new else continuation
    assert dropped + new == continuation
    assert partial.endswith(dropped)
    assert new == new_of(partial, continuation, in_words=in_words, size=1000)


def test_new_text_is_held_back_for_a_few_characters_only() -> None:
    partial = "".join(f"w{number:04} " for number in range(5000))
    overlap = Overlap(partial, in_words=True)
    assert overlap.feed("w4999") == ""
    assert overlap.feed(" and") == "and"
    assert overlap.settled
    assert overlap.feed("w4999 ") == "w4999 "


def test_what_stands_far_back_is_not_waited_for() -> None:
    partial = "beginning " + "middle " + "x" * LOOK_BACK_CHARS
    assert Overlap(partial, in_words=True).feed("middle ") == "middle "


def test_a_restart_is_dropped_however_long_the_text_is() -> None:
    partial = "".join(f"w{number:04} " for number in range(5000))
    assert new_of(partial, f"{partial}end", in_words=True, size=7) == "end"


def test_reasoning_passes_and_chunks_held_back_are_counted_with_what_follows() -> None:
    seam = Seam(Overlap(FOX, in_words=True))
    thought = Delta("reasoning", "jumps", 1)
    assert seam.pass_on([thought, Delta("content", "fox ", 1)], is_end=False) == [thought]
    assert seam.pass_on([Delta("content", "jumps over", 2)], is_end=False) == [
        Delta("content", " over", 3)
    ]
    later = [Delta("content", "fox jumps", 1)]
    assert seam.pass_on(later, is_end=True) == later


def test_at_the_end_nothing_new_is_held_back() -> None:
    seam = Seam(Overlap(FOX, in_words=True))
    assert seam.pass_on([Delta("content", "quick", 1)], is_end=True) == [
        Delta("content", "quick", 1)
    ]
