"""The transcript of a conversation in the admin: what it says of an answer, and which part of a long one it shows."""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chat.admin.reading_order import (
    MOST_CHARS,
    PIECE,
    Piece,
    Place,
    Turn,
    in_reading_order,
    piece_of,
)
from chat.models import Conversation, Message, Rating, Status, User
from tests.admin.staff import page_of
from tests.admin.talks import answer_in, long_talk


def said(response: HttpResponse) -> str:
    return html.unescape(response.content.decode())


def numbers_of(page: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))


# -- An answer ---------------------------------------------------------------------------------------


def test_an_answer_says_all_its_numbers_and_what_it_was_made_with(
    client: Client, alice: User
) -> None:
    conversation = Conversation.objects.create(owner=alice)
    answer_in(
        conversation,
        "Moon",
        model="scripted/echo-1",
        input_tokens=21,
        output_tokens=341,
        cost="1.25",
        queue_ms=7,
        ttft_ms=600,
        reasoning_ms=550,
        content_ms=900,
        total_ms=4_000,
        gap_p50_ms=11,
        gap_p95_ms=42,
        chunks=99,
        chars=1_234,
        omitted=3,
        params={"temperature": 0.5, "stop": ["END", "\n"], "system_prompt": "Be a <sailor>"},
    )
    page = said(page_of(client, conversation))

    expected = {
        "model": "scripted/echo-1",
        "input tokens": "21",
        "output tokens": "341",
        "cost": "1.2500\xa0₽",
        "queued for": "7 ms",
        "first word after": "600 ms",
        "first reasoning after": "550 ms",
        "first content after": "900 ms",
        "speed": "100.0 tokens/s",
        "total": "4.0 s",
        "gap between texts, median": "11 ms",
        "gap between texts, p95": "42 ms",
        "chunks": "99",
        "characters": "1234",
        "messages left out": "3",
        "Temperature": "0.5",
        "Stop sequences": r"'END' · '\n'",
    }
    assert expected.items() <= numbers_of(page).items()
    assert "Be a <sailor>" in page


def test_what_is_not_known_is_left_out(client: Client, alice: User) -> None:
    conversation = Conversation.objects.create(owner=alice)
    answer_in(conversation, "", status=Status.FAILED, code="provider_timeout", detail="504 of gw")
    page = said(page_of(client, conversation))

    assert set(numbers_of(page)) == {"model", "begun", "ended"}
    assert "504 of gw" in page


def test_speed_without_counted_tokens_is_in_characters(client: Client, alice: User) -> None:
    conversation = Conversation.objects.create(owner=alice)
    answer_in(conversation, "Moon", total_ms=2_000, chars=500)

    assert numbers_of(said(page_of(client, conversation)))["speed"] == "250.0 characters/s"


def test_every_attempt_of_an_answer_is_there(client: Client, alice: User) -> None:
    conversation = Conversation.objects.create(owner=alice)
    first = answer_in(conversation, "Once upon a time", status=Status.INTERRUPTED)
    more = type(first).objects.create(
        message=first.message,
        conversation=conversation,
        owner=alice,
        continues=first,
        status=Status.COMPLETED,
        ended_at=first.ended_at,
        seq=3,
    )
    page = said(page_of(client, conversation))

    assert page.index(str(first.pk)) < page.index("continues the answer") < page.index(str(more.pk))


def test_ratings_say_who_what_why_and_when(client: Client, alice: User) -> None:
    conversation = Conversation.objects.create(owner=alice)
    messages = [answer_in(conversation, "Moon").message for _ in range(3)]
    for message, value, reason, comment in (
        (messages[0], "down", "incomplete", "Half of <it>"),
        (messages[1], "up", "clear", ""),
        (messages[2], "", "", ""),
    ):
        Rating.objects.create(
            user=alice, message=message, value=value, reason=reason, comment=comment
        )
    page = said(page_of(client, conversation))

    for words in ("Bad answer", "Not complete", "Half of <it>", "Good answer", ">Clear<"):
        assert words in page
    assert page.count("Rating taken back") == 1
    assert page.count("alice · <time") == 3


# -- A long one ------------------------------------------------------------------------------------


def test_a_long_transcript_opens_at_its_end_and_leads_back_to_its_beginning(
    client: Client, alice: User
) -> None:
    conversation = long_talk(alice, 2 * PIECE + 50)
    path = reverse("admin:chat_conversation_change", args=[conversation.pk])
    shown: list[str] = []
    query = ""
    while True:
        page = said(client.get(f"{path}{query}"))
        shown = re.findall(r">(turn \d+)<", page) + shown
        earlier = re.search(r'href="(\?before=[^"#]+)[^"]*">Earlier', page)
        if earlier is None:
            break
        query = earlier[1]

    assert shown == [f"turn {number}" for number in range(2 * PIECE + 50)]
    assert "messages 1 to 50 of 450" in page
    later = re.search(r'href="(\?after=[^"#]+)[^"]*">Later', page)
    assert later
    assert "messages 51 to 250 of 450" in said(client.get(f"{path}{later[1]}"))


def test_a_link_to_a_message_opens_the_part_it_is_in(client: Client, alice: User) -> None:
    conversation = long_talk(alice, 3 * PIECE)
    message = Message.objects.get(content="turn 10")
    path = reverse("admin:chat_conversation_change", args=[conversation.pk])

    assert f'id="message-{message.pk}"' not in said(client.get(path))
    assert f'id="message-{message.pk}"' in said(client.get(path, {"around": message.pk}))
    for nonsense in ("", "x", str(uuid.uuid4())):
        assert ">turn 599<" in said(client.get(path, {"around": nonsense, "before": nonsense}))


def test_a_part_takes_as_many_queries_as_a_short_one(client: Client, alice: User) -> None:
    def queries(conversation: Conversation) -> int:
        with CaptureQueriesContext(connection) as captured:
            page_of(client, conversation)
        return len(captured)

    assert queries(long_talk(alice, 3 * PIECE)) == queries(long_talk(alice, 2))


def test_many_attempts_and_ratings_take_as_many_queries_as_few(client: Client, alice: User) -> None:
    def queries(answers: int) -> int:
        conversation = Conversation.objects.create(owner=alice)
        for _ in range(answers):
            made = answer_in(conversation, "Moon", status=Status.CANCELLED)
            Rating.objects.create(user=alice, message=made.message, value="up")
        with CaptureQueriesContext(connection) as captured:
            page_of(client, conversation)
        return len(captured)

    assert queries(20) == queries(2)


def test_a_piece_is_never_more_and_every_message_is_in_one() -> None:
    turns = [Turn(uuid.uuid4(), None)]
    for _ in range(2 * PIECE + 10):
        turns.append(Turn(uuid.uuid4(), turns[-1].pk))
    places = in_reading_order(turns, turns[-1].pk)
    for turn in turns:
        piece = piece_of(places, small, around=turn.pk)
        assert turn.pk in {place.pk for place in piece.places}
        assert len(piece.places) == PIECE
        assert piece.places == places[piece.first - 1 : piece.last]
    assert piece_of([], small) == Piece([], 1, 0)


def test_a_piece_holds_so_many_characters_and_one_message_of_any_size() -> None:
    turns = [Turn(uuid.uuid4(), None) for _ in range(40)]
    places = in_reading_order(turns, None)
    huge, middle = places[30].pk, places[20].pk

    def sizes(some: Sequence[Place]) -> dict[UUID, int]:
        return {each.pk: MOST_CHARS + 1 if each.pk == huge else MOST_CHARS // 10 for each in some}

    around = piece_of(places, sizes, around=middle)
    assert len(around.places) == 10
    assert middle in {place.pk for place in around.places}
    assert piece_of(places, sizes, around=huge).places == [places[30]]
    assert piece_of(places, sizes, after=places[29].pk).places == [places[30]]
    assert piece_of(places, sizes, before=huge).places == places[20:30]
    assert piece_of(places, sizes).places == places[31:]


def small(places: Sequence[Place]) -> dict[UUID, int]:
    return {place.pk: 10 for place in places}


# -- One message -----------------------------------------------------------------------------------


def test_a_message_alone_shows_its_texts_as_the_transcript_does(
    client: Client, alice: User
) -> None:
    generation = answer_in(Conversation.objects.create(owner=alice), "## <b>Moon</b>")
    Message.objects.filter(pk=generation.message_id).update(reasoning="*Hm*")
    answer = Message.objects.get(pk=generation.message_id)
    page = page_of(client, answer).content.decode()
    assert (
        'data-part="content"><div class="transcript-text">## &lt;b&gt;Moon&lt;/b&gt;</div>' in page
    )
    assert '<div class="transcript-text">*Hm*</div>' in page
    assert "chat/admin/transcript.js" in page

    # A prompt is what was typed, in the chat too.
    page = page_of(client, Message.objects.get(content="Why?")).content.decode()
    assert '<div class="transcript-text">Why?</div>' in page
    assert "transcript.js" not in page
