"""What people's sockets were told of their conversations, and what the database says beyond that."""

import uuid

from chat.envelope import Envelope
from chat.hub.lists import WINDOW_S, Lists

NOW = 1000.0
CONVERSATION = uuid.uuid4()


def told(revision: int | None) -> Envelope:
    return Envelope(CONVERSATION, [], revision, owner=1, owner_frame="{}")


def test_each_revision_is_news_once_and_an_older_one_never() -> None:
    lists = Lists(NOW)

    assert [lists.is_news(told(n), NOW) for n in (1, 3, 3, 2, 4)] == [
        True,
        True,
        False,
        False,
        True,
    ]


def test_what_has_no_place_in_the_order_is_always_news() -> None:
    lists = Lists(NOW)

    assert lists.is_news(told(None), NOW)
    assert lists.is_news(told(None), NOW)


def test_a_change_is_missed_when_two_looks_have_found_it_untold() -> None:
    lists = Lists(NOW)

    assert lists.missed({CONVERSATION: 1}, NOW) == []
    assert lists.missed({CONVERSATION: 2}, NOW) == [CONVERSATION]


def test_a_change_that_was_on_its_way_is_not_missed() -> None:
    lists = Lists(NOW)
    lists.missed({CONVERSATION: 1}, NOW)
    lists.is_news(told(1), NOW)

    assert lists.missed({CONVERSATION: 1}, NOW) == []


def test_changes_are_looked_for_since_before_the_last_look_that_was_answered() -> None:
    lists = Lists(NOW)
    lists.missed({}, NOW + 300)

    assert lists.window_s(NOW + 310) == 10 + WINDOW_S


def test_changes_are_not_looked_for_from_before_anybody_was_told() -> None:
    assert Lists(NOW).window_s(NOW + 2) == 2


def test_what_was_told_is_forgotten_only_when_it_is_no_longer_looked_for() -> None:
    lists = Lists(NOW)
    lists.is_news(told(1), NOW)
    lists.missed({}, NOW + WINDOW_S)
    assert not lists.is_news(told(1), NOW)
    lists.missed({}, NOW + 3 * WINDOW_S)

    assert lists.is_news(told(1), NOW)
