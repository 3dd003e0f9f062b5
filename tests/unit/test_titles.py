"""What a model says, as the title of a conversation."""

import pytest

from chat.generation.titles import EXCERPT_CHARS, clean_title, title_request


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("The sea at night", "The sea at night"),
        ('  "The sea at night."\n', "The sea at night"),
        ("Title: The sea", "The sea"),
        ("Название: «Море ночью»", "Море ночью"),
        ("**The sea**", "The sea"),
        ("The sea\n\nI hope this helps!", "The sea"),
        ("The\tsea   at night", "The sea at night"),
        ("", ""),
        (" \n ", ""),
        ("...", ""),
        ("A sentence that goes on and on and is no title at all, because it is long", ""),
    ],
)
def test_it_is_one_short_line_without_ornaments(said: str, title: str) -> None:
    assert clean_title(said) == title


def test_a_long_exchange_is_cut_for_the_call() -> None:
    request = title_request("a/model", "p" * 10_000, "a" * 10_000)
    assert request.model == "a/model"
    assert len(request.messages[-1]["content"]) < 2 * EXCERPT_CHARS + 50
