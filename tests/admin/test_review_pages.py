"""The queue of reviews in the admin: its list, the page of one, and the way from one to the next."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from chat.admin import ReviewAdmin
from chat.conversations.rate import rate
from chat.models import (
    Access,
    Accessed,
    Conversation,
    Generation,
    LanguageModel,
    Message,
    Rating,
    Review,
    Role,
    Status,
    User,
)
from chat.protocol import MessageRate
from tests.admin.staff import SECRET, conversation_of, entries, list_of, page_of, signed_in, staff
from tests.admin.test_reviews import answer_of, reviewer

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def bob() -> User:
    return reviewer("bob")


@pytest.fixture
def three(alice: User) -> list[Review]:
    """Give three that wait: one rated down, one that failed, one that bob flagged; the oldest first."""
    made = [review_of(alice, title) for title in ("First", "Second", "Third")]
    for review, cause in zip(made, ("rated_down", "failed", "flagged"), strict=True):
        Review.objects.filter(pk=review.pk).update(**{cause: True})
    return list(Review.objects.order_by("pk"))


def review_of(owner: User, title: str, **facts: Any) -> Review:
    answer = answer_of(conversation_of(owner, title))
    since = timezone.now() + Review.objects.count() * MINUTE
    facts = {"since": since, **facts}
    return Review.objects.create(message=answer, conversation=answer.conversation, **facts)


def found(client: Client, **query: str) -> list[Review]:
    listed = client.get(reverse("admin:chat_review_changelist"), query)
    return list(listed.context["cl"].result_list)


def said(response: HttpResponse) -> str:
    return html.unescape(response.content.decode())


def way(response: HttpResponse, rel: str) -> str:
    """Give the address of the link to the next or the previous one."""
    links = re.findall(rf'rel="{rel}" href="([^"]+)"', said(response))
    return links[0] if links else ""


def act(client: Client, review: Review, name: str, filters: str = "", **sent: Any) -> HttpResponse:
    data = {"_changelist_filters": filters, "before": "", **sent}
    return client.post(reverse("admin:chat_review_act", args=[review.pk, name]), data)


def page(review: Review, filters: str = "") -> str:
    query = f"?_changelist_filters={quote(filters, safe='')}" if filters else ""
    return reverse("admin:chat_review_change", args=[review.pk]) + query


# -- The list --------------------------------------------------------------------------------------


def test_what_is_open_is_listed_the_longest_waiting_first(
    client: Client, three: list[Review]
) -> None:
    act(client, three[1], "resolve", outcome="fine")

    assert found(client) == [three[0], three[2]]
    assert found(client, state="resolved") == [three[1]]
    assert found(client, state="all") == three[::-1]
    assert "Answers to review · 2 open" in said(list_of(client, "review"))


def test_the_number_of_open_ones_is_not_counted_without_end(
    client: Client, three: list[Review], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.admin.review.queue.MOST_OPEN", 2)

    assert "Answers to review · 2+ open" in said(list_of(client, "review"))


def test_the_queue_is_filtered_by_all_that_is_known(
    client: Client, alice: User, three: list[Review]
) -> None:
    dora = User.objects.create_user("dora")
    LanguageModel.objects.create(name="a/model")
    odd = review_of(
        dora,
        "Odd",
        failed=True,
        code="internal",
        model="a/model",
        rating_reason="style",
        since=timezone.now() - 3 * timedelta(days=1),
    )
    act(client, three[0], "take")
    yesterday = f"{timezone.now() - timedelta(days=1):%Y-%m-%d}"

    assert found(client, why="rated_down") == [three[0]]
    assert found(client, why="failed") == [odd, three[1]]
    assert found(client, why="flagged") == [three[2]]
    assert found(client, why="nonsense") == found(client, user="nobody") == []
    assert found(client, assigned="me") == found(client, assigned="somebody") == [three[0]]
    assert found(client, assigned="nobody") == [odd, *three[1:]]
    for query in (
        {"model": "a/model"},
        {"code": "internal"},
        {"rating_reason": "style"},
        {"until": yesterday},
        {"user": "dora"},
        {"q": "dora"},
        {"q": str(odd.conversation_id)},
        {"q": str(odd.message_id)},
        {"q": "dora", "why": "failed", "assigned": "nobody"},
    ):
        assert found(client, **query) == [odd], query
    assert found(client, q="dor") == found(client, q="dora", why="flagged") == []


def test_a_list_says_why_and_how_prompt_and_answer_begin(
    client: Client, three: list[Review]
) -> None:
    Review.objects.filter(pk=three[1].pk).update(code="internal", model="a/model")
    Message.objects.filter(pk=three[1].message_id).update(content="Moon " * 100)
    shown = said(list_of(client, "review"))

    for words in (SECRET, "rated down", "failed", "internal", "a/model", "Moon Moon", "…"):
        assert words in shown
    assert "Moon " * 30 not in shown


def test_a_list_names_in_the_log_what_it_shows(client: Client, three: list[Review]) -> None:
    list_of(client, "review", q="alice")

    assert sorted(entries(), key=str) == sorted(
        [("bob", "reviews", each.conversation_id, "alice") for each in three], key=str
    )


def test_a_list_takes_as_many_queries_for_thirty_rows_as_for_three(
    client: Client, alice: User, three: list[Review], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(20) as before:
        found(client)
    for number in range(27):
        review_of(alice, str(number))
    with django_assert_max_num_queries(20) as after:
        assert len(found(client)) == 30

    assert len(before) == len(after)


# -- The page --------------------------------------------------------------------------------------


def test_a_review_shows_prompt_answer_rating_error_and_numbers(
    client: Client, alice: User, three: list[Review]
) -> None:
    review = three[0]
    Generation.objects.filter(message=review.message_id).update(
        status=Status.FAILED, code="internal", detail="no such tide", input_tokens=4711
    )
    Rating.objects.create(
        message=review.message, user=alice, value="down", reason="style", comment="Too <b>dry</b>"
    )
    shown = page_of(client, review).content.decode()

    for words in (SECRET, "Moon", "internal", "no such tide", "4711", "Style or form"):
        assert words in shown
    assert "Too &lt;b&gt;dry&lt;/b&gt;" in shown
    transcript = reverse("admin:chat_conversation_change", args=[review.conversation_id])
    assert f"{transcript}?around={review.message_id}#message-{review.message_id}" in shown
    assert entries() == [("bob", "review", review.conversation_id, "alice")]


def test_what_else_is_in_the_conversation_is_not_shown(client: Client, three: list[Review]) -> None:
    Message.objects.create(
        conversation=three[0].conversation,
        role=Role.USER,
        content="Another matter",
        parent=three[0].message,
        revision=3,
    )

    assert "Another matter" not in said(page_of(client, three[0]))


def test_numbers_and_the_providers_words_take_the_right_to_see_generations(
    three: list[Review],
) -> None:
    Generation.objects.update(detail="no such tide", input_tokens=4711)
    shown = said(page_of(signed_in(staff("dora", "review", "message")), three[0]))

    assert SECRET in shown
    assert "no such tide" not in shown
    assert "4711" not in shown


def test_a_reason_is_asked_before_a_review_is_shown_and_words_are_withheld_till_then(
    client: Client, three: list[Review], settings: Settings
) -> None:
    settings.ACCESS_REASON = "required"
    assert SECRET not in said(list_of(client, "review"))
    asked = page_of(client, three[0])
    assert asked.status_code == 302
    assert Access.objects.filter(what=Accessed.REVIEW).count() == 0
    back = client.post(asked["Location"], {"reason": "complaint 17"})

    assert SECRET in said(client.get(back["Location"]))
    assert Access.objects.get(what=Accessed.REVIEW).reason == "complaint 17"
    assert said(list_of(client, "review")).count(SECRET) == 1


def test_the_queue_is_for_those_with_a_right_to_it(three: list[Review]) -> None:
    nobody = signed_in(staff("dora", "conversation", "message", "generation"))
    without_words = signed_in(staff("eve", "review"))
    for client in (nobody, without_words):
        assert list_of(client, "review").status_code == 403
        assert page_of(client, three[0]).status_code == 403
        assert act(client, three[0], "take").status_code == 403
    assert entries() == []


def test_to_see_it_is_no_right_to_act(three: list[Review]) -> None:
    client = signed_in(staff("dora", "review", "message"))
    flag = reverse("admin:chat_review_flag", args=[three[0].message_id])

    assert "Take it" not in said(page_of(client, three[0]))
    assert act(client, three[0], "resolve", outcome="fine").status_code == 403
    assert client.get(flag).status_code == 403
    assert client.post(flag, {"text": "odd"}).status_code == 403
    assert Review.objects.filter(assigned_to__isnull=False).count() == 0


# -- Acts ------------------------------------------------------------------------------------------


def test_the_forms_need_their_token(bob: User, three: list[Review]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)

    assert act(client, three[0], "take").status_code == 403
    assert found(client, assigned="nobody") == three


def test_who_had_to_sign_in_first_is_led_back_to_the_review(
    client: Client, three: list[Review]
) -> None:
    sent = act(Client(), three[0], "take")
    assert sent["Location"].startswith("/admin/login/")
    asked = reverse("admin:chat_review_act", args=[three[0].pk, "take"])

    assert client.get(asked)["Location"] == page(three[0])
    assert found(client, assigned="nobody") == three


def test_a_note_that_is_refused_is_not_lost_and_who_was_first_is_named(
    client: Client, three: list[Review]
) -> None:
    bobs = three[0]
    act(signed_in(reviewer("charlie")), bobs, "take", text="mine")
    refused = act(client, bobs, "take", text="I know <this> one", filters="why=rated_down")
    shown = client.get(refused["Location"])

    assert refused["Location"] == page(bobs, "why=rated_down")
    assert "charlie has it." in said(shown)
    assert "I know &lt;this&gt; one</textarea>" in shown.content.decode()
    assert "charlie has it. Hand it to yourself to resolve it." in said(shown)
    assert "<strong>charlie</strong> took it" in said(shown)

    act(client, bobs, "note", text="I know <this> one")
    shown = page_of(client, bobs)
    assert "></textarea>" in said(shown)
    assert "I know &lt;this&gt; one</div>" in shown.content.decode()


def test_an_act_shows_nothing_and_stores_no_entry(client: Client, three: list[Review]) -> None:
    for name, sent in (("take", {}), ("note", {"text": "hm"}), ("resolve", {"outcome": "fine"})):
        answer = act(client, three[0], name, **sent)
        assert answer.status_code == 302
        assert SECRET not in said(answer)
    assert entries() == []
    assert act(client, three[0], "nonsense").status_code == 404


def test_nobody_decides_what_is_not_offered(client: Client, three: list[Review]) -> None:
    refused = act(client, three[0], "resolve", outcome="withdrawn")

    assert "Choose an outcome." in said(client.get(refused["Location"]))
    assert found(client) == three


def test_one_is_handed_to_a_colleague(client: Client, bob: User, three: list[Review]) -> None:
    charlie = reviewer("charlie")
    assert f'<option value="{charlie.pk}">charlie' in said(page_of(client, three[0]))
    act(client, three[0], "hand", to=str(charlie.pk))
    three[0].refresh_from_db()
    assert three[0].assigned_name == "charlie"

    late = act(client, three[0], "hand", to=str(bob.pk))
    assert "charlie has it." in said(client.get(late["Location"]))
    nobody = act(client, three[0], "hand", to="")
    assert "Choose a colleague" in said(client.get(nobody["Location"]))


def test_an_answer_is_flagged_from_its_transcript(
    client: Client, conversation: Conversation
) -> None:
    answer = answer_of(conversation)
    flag = reverse("admin:chat_review_flag", args=[answer.pk])
    assert said(page_of(client, conversation)).count(f'href="{flag}"') == 1
    assert SECRET not in said(client.get(flag))

    empty = client.post(flag, {"text": " "})
    assert "Write something first." in said(empty)
    done = client.post(flag, {"text": "it invents tides"})
    assert done["Location"].endswith(f"?around={answer.pk}#message-{answer.pk}")
    review = Review.objects.get()
    assert (review.flagged, review.notes.get().text) == (True, "it invents tides")
    assert flag not in said(page_of(client, review))


# -- The walk --------------------------------------------------------------------------------------


def test_next_and_previous_stay_within_the_filtered_list(
    client: Client, alice: User, three: list[Review]
) -> None:
    last = review_of(alice, "Fourth", failed=True)
    filters = "state=all&why=failed"
    shown = client.get(page(three[1], filters))
    assert (way(shown, "next"), way(shown, "prev")) == ("", page(last, filters))
    assert f'href="{reverse("admin:chat_review_changelist")}?{filters}"' in said(shown)

    # What is open goes the other way round.
    shown = client.get(page(three[1], "why=failed"))
    assert (way(shown, "next"), way(shown, "prev")) == (page(last, "why=failed"), "")
    shown = client.get(page(three[1]))
    assert (way(shown, "next"), way(shown, "prev")) == (page(three[2]), page(three[0]))
    shown = client.get(page(three[1], "since=nonsense"))
    assert (way(shown, "next"), way(shown, "prev")) == ("", "")


def test_what_came_into_the_queue_by_itself_is_not_beside_itself(
    client: Client, alice: User
) -> None:
    """By the database's clock, which SQLite writes in another way than the driver."""
    answer = answer_of(conversation_of(alice))
    rate(alice.pk, MessageRate(message=answer.pk, rating="down"))
    review = Review.objects.get()
    for again in (False, True):
        if again:
            act(client, review, "resolve", outcome="fine")
            act(client, review, "reopen")
        shown = client.get(page(review))
        assert (way(shown, "next"), way(shown, "prev")) == ("", "")


def test_the_way_is_the_same_from_a_later_page_of_the_list(
    client: Client, three: list[Review], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ReviewAdmin, "list_per_page", 1)
    first = client.get(reverse("admin:chat_review_changelist"))
    (onward,) = re.findall(r'href="([^"]+)" rel="next"', said(first))
    filters = onward.removeprefix("?")
    second = client.get(reverse("admin:chat_review_changelist") + onward)

    assert page(three[1], filters) in said(second)
    shown = client.get(page(three[1], filters))
    assert (way(shown, "next"), way(shown, "prev")) == (
        page(three[2], filters),
        page(three[0], filters),
    )


def test_the_links_of_the_list_carry_its_filters(client: Client, three: list[Review]) -> None:
    shown = said(list_of(client, "review", why="failed"))

    assert f'href="{page(three[1], "why=failed")}"' in shown


def test_after_one_is_resolved_comes_the_next_of_the_list_and_then_the_list(
    client: Client, three: list[Review]
) -> None:
    assert act(client, three[1], "resolve", outcome="model")["Location"] == page(three[2])
    # After the last one, the first that was passed over.
    assert act(client, three[2], "resolve", outcome="model")["Location"] == page(three[0])
    last = act(client, three[0], "resolve", "since=2020-01-01&assigned=nobody", outcome="other")
    listing = reverse("admin:chat_review_changelist")

    assert last["Location"] == f"{listing}?since=2020-01-01&assigned=nobody"
    assert "That was the last one of the list." in said(client.get(last["Location"]))
