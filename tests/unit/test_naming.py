"""What a conversation is called before anybody has named it."""

import pytest

from chat.conversations.naming import title_of


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("  Why is\n\tthe sea wet? ", "Why is the sea wet?"),
        ("# Title of **one**\n\ntext", "Title of one text"),
        ("- [ ] first\n- second", "[ ] first second"),
        ("> > quoted\n1. `one` and *two*", "quoted one and two"),
        ("```python\nprint('**')\n```\nExplain", "print('**') Explain"),
        ("2 ** 3 * 4 and snake_case__name", "2 ** 3 * 4 and snake_case__name"),
        ("#hashtag -5 *", "#hashtag -5 *"),
        ("***both***, **a*b**", "both, a*b"),
        ("***", "***"),
        ("```", "```"),
        ("\u202egnp.exe\u2066", "gnp.exe"),
    ],
)
def test_it_is_the_first_words_without_marks(prompt: str, title: str) -> None:
    assert title_of(prompt) == title


def test_a_long_prompt_is_cut_between_words() -> None:
    assert title_of("word " * 50) == "word " * 11 + "word…"


@pytest.mark.parametrize("prompt", ["a" * 100_000, "*" * 100_000, "`a" * 50_000, "> " * 50_000])
def test_the_longest_prompts_have_a_short_title(prompt: str) -> None:
    assert 0 < len(title_of(prompt)) <= 61
