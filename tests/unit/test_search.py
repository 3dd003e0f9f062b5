"""What a person types is always a query; what is shown of a hit has its matches where they say."""

from hypothesis import given
from hypothesis import strategies as st

from chat.search import SearchQuery, excerpt, marked_ranges, parse


def test_words_phrases_and_what_must_not_be_there() -> None:
    assert parse('sea "the old  Ship" -storm -"big wave" Корабль') == SearchQuery(
        ["sea", "the old ship"], ["storm", "big wave"], "корабль"
    )


def test_the_last_word_is_whole_once_something_follows_it() -> None:
    assert parse("sea ship ") == SearchQuery(["sea", "ship"])
    assert parse("sea ship!") == SearchQuery(["sea", "ship"])
    assert parse('sea "ship"') == SearchQuery(["sea", "ship"])
    assert parse("sea -ship") == SearchQuery(["sea"], ["ship"])


def test_what_punctuation_joins_stands_together() -> None:
    assert parse("chat.models.py") == SearchQuery(["chat models"], [], "py")
    assert parse("snake_case ") == SearchQuery(["snake case"])


def test_letters_are_folded_as_in_the_indexes() -> None:
    assert parse("ЁЛКА ") == SearchQuery(["елка"])
    assert parse("и\N{COMBINING BREVE}од ") == SearchQuery(["йод"])


def test_an_open_quotation_reaches_to_the_end() -> None:
    assert parse('"old ship') == SearchQuery(["old ship"])


def test_without_a_word_there_is_nothing_to_find() -> None:
    assert all(parse(text).is_empty for text in ("", ' - "" -- _ *', "-sea", '-"sea'))


@given(st.text(max_size=200))
def test_any_text_is_a_query_of_letters_and_digits(text: str) -> None:
    query = parse(text)
    words = " ".join([*query.wanted, *query.unwanted, query.prefix]).split()
    assert all(character.isalnum() for word in words for character in word)


def test_a_match_is_cut_out_with_what_is_around_it() -> None:
    text = "word " * 50 + "the\nSHIP sails" + " word" * 50
    at = text.index("SHIP")
    snippet, matches = excerpt(text, [(at, at + 4)])
    ((start, end),) = matches
    assert snippet[start:end] == "SHIP"
    assert snippet.startswith("…word ")
    assert "the SHIP sails" in snippet
    assert snippet.endswith("…")


def test_places_are_counted_as_javascript_does() -> None:
    snippet, matches = excerpt("🚢 ship", [(2, 6)])
    assert (snippet, matches) == ("🚢 ship", [(3, 7)])


def test_a_text_without_a_mark_shows_its_beginning() -> None:
    assert excerpt("short", []) == ("short", [])


@given(st.lists(st.text("ab 🚢\n", max_size=80), min_size=1, max_size=9))
def test_every_match_shown_is_what_was_marked(pieces: list[str]) -> None:
    marked = "".join(f"\x02{piece}\x03" if n % 2 else piece for n, piece in enumerate(pieces))
    text = "".join(pieces)
    ranges = marked_ranges(marked)
    assert [text[a:b] for a, b in ranges] == pieces[1::2]
    snippet, matches = excerpt(text, ranges)
    units = snippet.encode("utf-16-le")
    shown = [units[2 * a : 2 * b].decode("utf-16-le") for a, b in matches]
    flat = [text[a:b].replace("\n", " ") for a, b in ranges]
    assert all(piece in "".join(flat) for piece in shown)
    assert len(shown) <= len(flat)
