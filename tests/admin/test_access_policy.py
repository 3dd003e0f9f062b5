"""The policy of reading: staff have roles and say why, and people are told when their conversations were read."""

from __future__ import annotations

import html
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from chat.admin.reason import KEPT_S
from chat.models import Access, Accessed, Conversation, Generation, Message, User
from chat.roles import make_after_migrate
from tests.admin.staff import (
    SECRET,
    conversation_of,
    entries,
    list_of,
    page_of,
    signed_in,
    staff,
)

WITHHELD = "(say first why you read it)"


def answer_why(client: Client, asked: HttpResponse, reason: str) -> HttpResponse:
    assert asked.status_code == 302, asked
    return client.post(asked["Location"], {"reason": reason})


def said(response: HttpResponse) -> str:
    return html.unescape(response.content.decode())


# -- The reason ------------------------------------------------------------------------------------


def test_without_the_policy_nobody_is_asked(client: Client, conversation: Conversation) -> None:
    assert SECRET in said(page_of(client, conversation))


@pytest.mark.parametrize("policy", ["optional", "required"])
def test_a_reason_is_asked_before_anything_is_shown_and_kept_in_the_log(
    client: Client, conversation: Conversation, settings: Settings, policy: str
) -> None:
    settings.ACCESS_REASON = policy
    asked = page_of(client, conversation)
    question = client.get(asked["Location"])
    assert "tides" not in said(question)
    assert SECRET not in said(question)
    assert entries() == []

    answered = answer_why(client, asked, "  complaint 17  ")
    shown = client.get(answered["Location"])

    assert SECRET in said(shown)
    assert Access.objects.get().reason == "complaint 17"


def test_every_page_of_a_conversation_asks(
    client: Client, conversation: Conversation, settings: Settings
) -> None:
    settings.ACCESS_REASON = "required"
    message = Message.objects.filter(conversation=conversation).earliest("created_at")
    rows: list[Any] = [conversation, message, Generation.objects.get()]
    for row in rows:
        for page in ("change", "history"):
            asked = page_of(client, row, page)
            assert asked.status_code == 302
            assert str(conversation.pk) in asked["Location"]
    assert entries() == []
    answered = answer_why(client, page_of(client, message), "complaint")

    assert answered["Location"] == reverse("admin:chat_message_change", args=[message.pk])


def test_a_required_reason_is_not_empty(
    client: Client, conversation: Conversation, settings: Settings
) -> None:
    settings.ACCESS_REASON = "required"
    again = answer_why(client, page_of(client, conversation), "   ")

    assert again.status_code == 200
    assert "Without a reason it is not shown." in said(again)
    assert page_of(client, conversation).status_code == 302
    assert entries() == []


def test_an_optional_reason_may_be_empty_and_is_not_enough_where_one_is_required(
    client: Client, conversation: Conversation, settings: Settings
) -> None:
    settings.ACCESS_REASON = "optional"
    answer_why(client, page_of(client, conversation), "")
    assert page_of(client, conversation).status_code == 200

    settings.ACCESS_REASON = "required"
    assert page_of(client, conversation).status_code == 302


def test_a_reason_is_for_one_conversation_and_half_an_hour(
    client: Client,
    conversation: Conversation,
    alice: User,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.ACCESS_REASON = "required"
    answer_why(client, page_of(client, conversation), "complaint")
    assert page_of(client, conversation).status_code == 200
    assert page_of(client, conversation_of(alice, "Another")).status_code == 302
    assert KEPT_S == 1800

    monkeypatch.setattr("chat.admin.reason.KEPT_S", -1)
    answer_why(client, page_of(client, other := conversation_of(alice, "Third")), "complaint")
    assert page_of(client, other).status_code == 302
    assert page_of(client, conversation).status_code == 200


def test_a_list_of_messages_shows_no_words_before_a_required_reason(
    client: Client, conversation: Conversation, settings: Settings
) -> None:
    settings.ACCESS_REASON = "required"
    before = said(list_of(client, "message"))
    assert SECRET not in before
    assert WITHHELD in before

    answer_why(client, page_of(client, conversation), "complaint")
    after = said(list_of(client, "message"))
    assert SECRET in after
    assert WITHHELD not in after
    assert Access.objects.order_by("id")[1].reason == "complaint"


def test_a_reason_leads_nowhere_else(
    client: Client, conversation: Conversation, settings: Settings
) -> None:
    settings.ACCESS_REASON = "required"
    page = reverse("admin:chat_access_reason", args=[conversation.pk])
    answer = client.post(f"{page}?next=https://elsewhere.example/", {"reason": "complaint"})

    assert answer["Location"] == reverse("admin:chat_conversation_change", args=[conversation.pk])


def test_only_staff_are_asked(alice: User, conversation: Conversation) -> None:
    page = reverse("admin:chat_access_reason", args=[conversation.pk])

    assert signed_in(alice).get(page)["Location"].startswith("/admin/login/")


# -- Roles -----------------------------------------------------------------------------------------


def test_a_reviewer_reads_conversations_and_an_auditor_the_log(conversation: Conversation) -> None:
    may_see = {
        "reviewer": {"conversation", "message", "generation", "review"},
        "auditor": {"access"},
    }
    every_list = {*set().union(*may_see.values()), "user", "languagemodel"}
    for role, allowed in may_see.items():
        person = staff(role)
        person.groups.add(Group.objects.get(name=role))
        client = signed_in(person)
        seen = {name for name in every_list if list_of(client, name).status_code == 200}
        assert seen == allowed


@pytest.mark.django_db
def test_a_group_stays_as_administrators_have_it() -> None:
    Group.objects.get(name="auditor").permissions.clear()
    Group.objects.get(name="reviewer").delete()
    make_after_migrate("default", apps)

    assert Group.objects.get(name="auditor").permissions.count() == 0
    assert Group.objects.get(name="reviewer").permissions.count() == 5


# -- The person concerned --------------------------------------------------------------------------


def test_a_person_is_told_nothing_unless_the_policy_says_so(alice: User) -> None:
    client = signed_in(alice)

    assert client.get("/accounts/access/").status_code == 404
    assert "/accounts/access/" not in said(client.get("/"))


def test_a_person_sees_when_their_words_were_read_but_not_by_whom(
    client: Client, alice: User, conversation: Conversation, settings: Settings
) -> None:
    settings.ACCESS_SHOWN = True
    mine = signed_in(alice)
    assert "No one on the staff has read" in said(mine.get("/accounts/access/"))
    assert 'href="/accounts/access/"' in said(mine.get("/"))
    list_of(client, "conversation")
    assert "About tides" not in said(mine.get("/accounts/access/"))

    page_of(client, conversation)
    page = said(mine.get("/accounts/access/"))
    assert f'<a href="/c/{conversation.pk}/" dir="auto">About tides</a>' in page
    assert Access.objects.latest("id").at.strftime("%Y-%m-%d %H:%M") in page
    assert "bob" not in page


def test_a_person_sees_nothing_of_others_and_not_their_own_looks(
    alice: User, settings: Settings
) -> None:
    settings.ACCESS_SHOWN = True
    root = User.objects.create_superuser("root")
    page_of(signed_in(root), conversation_of(root, "Of root"))
    page_of(signed_in(root), conversation_of(User.objects.create_user("dora"), "Of dora"))

    for person in (alice, root):
        assert "No one on the staff" in said(signed_in(person).get("/accounts/access/"))


def test_what_a_person_deleted_has_no_name_there(alice: User, settings: Settings) -> None:
    settings.ACCESS_SHOWN = True
    Access.objects.create(
        reader=alice.pk + 1,
        reader_name="bob",
        what=Accessed.MESSAGE,
        owner=alice.pk,
        conversation=uuid.uuid4(),
    )

    assert "a deleted conversation" in said(signed_in(alice).get("/accounts/access/"))


def test_who_is_not_signed_in_is_sent_there(settings: Settings, db: None) -> None:
    settings.ACCESS_SHOWN = True

    assert Client().get("/accounts/access/")["Location"].startswith("/accounts/login/")
