"""Staff stop an answer: who may, what is stored of it, and what they are told."""

from __future__ import annotations

import html

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from chat.conversations.cancel import stop
from chat.models import Access, Conversation, Generation, Status, User
from tests.admin.staff import SECRET, entries, log_without_room, page_of, signed_in, staff
from tests.admin.talks import answer_in, end, queued_in, running_in


@pytest.fixture
def olga(db: None) -> User:
    """Someone of the group that stops answers."""
    user = User.objects.create_user("olga", is_staff=True)
    user.groups.add(Group.objects.get(name="operator"))
    return user


@pytest.fixture
def client(olga: User) -> Client:
    return signed_in(olga)


def press_stop(client: Client, generation: Generation, back: str = "") -> HttpResponse:
    path = reverse("admin:chat_generation_stop", args=[generation.pk])
    return client.post(path, {"next": back}, follow=True)


def said(response: HttpResponse) -> str:
    return html.unescape(response.content.decode())


def test_a_running_answer_is_flagged_with_who_asked(
    client: Client, conversation: Conversation
) -> None:
    generation = running_in(conversation, "Once")
    page = press_stop(client, generation)

    generation.refresh_from_db()
    assert generation.cancel_requested_at is not None
    assert (generation.status, generation.stopped_by) == (Status.IN_PROGRESS, "olga")
    assert "It was asked to stop" in said(page)
    assert entries()[0] == ("olga", "stop", conversation.pk, "alice")


def test_a_queued_answer_ends_at_once(client: Client, conversation: Conversation) -> None:
    generation = queued_in(conversation)
    page = press_stop(client, generation)

    generation.refresh_from_db()
    assert (generation.status, generation.stopped_by) == (Status.CANCELLED, "olga")
    assert "taken out of the queue" in said(page)
    assert ">olga<" in said(page_of(client, generation))


def test_one_that_has_ended_stays_as_it_ended_and_nobody_stopped_it(
    client: Client, conversation: Conversation
) -> None:
    generation = running_in(conversation)
    end(generation, "Whole")
    page = press_stop(client, generation)

    generation.refresh_from_db()
    assert (generation.status, generation.stopped_by) == (Status.COMPLETED, "")
    assert "It had ended before: Completed." in said(page)
    assert "stop" not in [what for _reader, what, *_ in entries()]


def test_who_asked_first_has_stopped_it(client: Client, conversation: Conversation) -> None:
    generation = running_in(conversation)
    stop(Conversation.objects.locked(conversation.pk), Generation.objects.filter(pk=generation.pk))
    press_stop(client, generation)

    generation.refresh_from_db()
    assert generation.stopped_by == ""


def test_a_completion_that_wins_was_stopped_by_nobody(
    client: Client, conversation: Conversation
) -> None:
    generation = running_in(conversation)
    press_stop(client, generation)
    end(generation, "Whole")

    generation.refresh_from_db()
    assert generation.stopped_by == "olga"
    assert "stopped by staff" not in said(
        page_of(signed_in(staff("bob", "conversation", "message", "generation")), conversation)
    )


def test_the_transcript_says_who_stopped_which(conversation: Conversation) -> None:
    mine, theirs = (
        answer_in(conversation, status=Status.CANCELLED, stopped_by=by) for by in ("", "olga")
    )
    client = signed_in(staff("bob", "conversation", "message", "generation"))
    page = said(page_of(client, conversation))

    assert "stopped by its owner: alice" in page
    assert "stopped by staff: olga" in page
    for generation, who in ((mine, "alice"), (theirs, "olga")):
        assert f'<div class="readonly">{who}</div>' in said(page_of(client, generation))


def test_the_list_says_who_stopped_which(conversation: Conversation) -> None:
    answer_in(conversation, status=Status.CANCELLED, stopped_by="olga")
    answer_in(conversation, "Whole", stopped_by="olga")
    client = signed_in(staff("bob", "generation"))
    page = said(client.get(reverse("admin:chat_generation_changelist")))

    assert page.count(">olga<") == 1


def test_it_takes_a_right_of_its_own_and_a_form_of_ours(
    client: Client, conversation: Conversation, olga: User
) -> None:
    generation = running_in(conversation)
    path = reverse("admin:chat_generation_stop", args=[generation.pk])
    bob = signed_in(staff("bob", "conversation", "message", "generation"))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(olga)

    assert bob.post(path).status_code == 403
    assert strict.post(path).status_code == 403
    assert client.get(path).status_code == 405
    assert Client().post(path).status_code == 302
    assert path not in said(page_of(bob, generation))
    assert path in said(page_of(client, generation))
    generation.refresh_from_db()
    assert generation.cancel_requested_at is None


def test_it_leads_back_to_where_it_was_asked_and_nowhere_else(
    client: Client, conversation: Conversation
) -> None:
    generation = running_in(conversation)
    here = reverse("admin:chat_generation_under_way")
    page = reverse("admin:chat_generation_change", args=[generation.pk])

    assert press_stop(client, generation, here).redirect_chain[0][0] == here
    assert press_stop(client, generation, "https://evil.example/").redirect_chain[0][0] == page


def test_where_a_reason_is_required_it_is_asked_before_anything_is_stopped(
    client: Client, conversation: Conversation, settings: Settings
) -> None:
    settings.ACCESS_REASON = "required"
    generation = running_in(conversation)
    asked = press_stop(client, generation)
    generation.refresh_from_db()
    assert generation.cancel_requested_at is None
    client.post(asked.redirect_chain[0][0], {"reason": "It runs away"})
    press_stop(client, generation)

    generation.refresh_from_db()
    assert generation.stopped_by == "olga"
    assert Access.objects.get(what="stop").reason == "It runs away"


def test_what_the_log_does_not_take_is_not_stopped(
    client: Client, conversation: Conversation
) -> None:
    generation = running_in(conversation)
    with log_without_room("NEW.what = 'stop'"):
        page = press_stop(client, generation)

    generation.refresh_from_db()
    assert generation.cancel_requested_at is None
    assert "It was not stopped" in said(page)


# -- What is under way -------------------------------------------------------------------------------


def test_operators_see_what_runs_and_waits_and_none_of_its_words(
    client: Client, conversation: Conversation, alice: User
) -> None:
    other = Conversation.objects.create(owner=alice, title="About plums")
    running, waiting = running_in(conversation, SECRET), queued_in(other)
    ended = answer_in(other, "Purple")
    page = said(client.get(reverse("admin:chat_generation_under_way")))

    assert page.index(str(running.pk)) < page.index(str(waiting.pk))
    assert str(ended.pk) not in page
    assert "About plums" in page
    assert SECRET not in page
    assert {*entries()} == {
        ("olga", "generations", each.pk, "alice") for each in (conversation, other)
    }
    for generation in (running, waiting):
        assert SECRET not in said(page_of(client, generation))
    assert SECRET not in said(page_of(client, conversation))


def test_the_list_says_when_nothing_runs_and_is_linked_from_the_index(client: Client) -> None:
    path = reverse("admin:chat_generation_under_way")

    assert "Nothing is being answered now" in said(client.get(path))
    assert f'href="{path}"' in said(client.get(reverse("admin:index")))
    assert signed_in(staff("carol", "message")).get(path).status_code == 403


@pytest.mark.django_db
def test_what_is_under_way_is_found_by_an_index_however_many_have_ended(client: Client) -> None:
    path = reverse("admin:chat_generation_under_way")
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    (asked,) = [q["sql"] for q in captured if "LIMIT" in q["sql"] and "chat_generation" in q["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked}")
        plan = " ".join(row[-1] for row in cursor.fetchall())

    assert "SEARCH chat_generation USING INDEX generation_live" in plan


@pytest.mark.django_db
def test_the_group_of_operators_sees_numbers_and_stops_and_reads_no_messages() -> None:
    rights = Permission.objects.filter(group__name="operator").values_list("codename", flat=True)

    assert {"view_conversation", "view_generation", "stop_generation"} <= {*rights}
    assert "view_message" not in rights
