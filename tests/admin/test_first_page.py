"""The admin's first page says how many answers wait to be reviewed, to those who may review them."""

from __future__ import annotations

import html

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from chat.models import Conversation, Outcome, Review
from tests.admin.staff import signed_in, staff
from tests.admin.talks import answer_in


@pytest.fixture
def reviewer(db: None) -> Client:
    return of_group("reviewer")


def of_group(name: str) -> Client:
    person = staff(f"a {name}")
    person.groups.add(Group.objects.get(name=name))
    return signed_in(person)


def first_page(client: Client) -> str:
    return html.unescape(client.get(reverse("admin:index")).content.decode())


def to_review(conversation: Conversation, number: int) -> None:
    for _ in range(number):
        message = answer_in(conversation).message
        Review.objects.create(message=message, conversation=conversation, flagged=True)


def test_it_says_how_many_wait_and_leads_there(
    reviewer: Client, conversation: Conversation
) -> None:
    to_review(conversation, 3)
    done = Review.objects.first()
    assert done is not None
    Review.objects.filter(pk=done.pk).update(resolved_at=timezone.now(), outcome=Outcome.FINE)
    page = first_page(reviewer)

    assert f'href="{reverse("admin:chat_review_changelist")}">Answers to review · 2 open' in page


def test_of_many_it_says_that_there_are_more(reviewer: Client, conversation: Conversation) -> None:
    to_review(conversation, 100)

    assert "Answers to review · 99+ open" in first_page(reviewer)


def test_who_may_not_review_is_told_nothing_and_nothing_is_counted(
    conversation: Conversation,
) -> None:
    to_review(conversation, 1)
    readers = signed_in(staff("carol", "message", "review", "generation"))
    for client in (readers, of_group("operator"), of_group("auditor")):
        with CaptureQueriesContext(connection) as captured:
            page = first_page(client)
        assert "Answers to review ·" not in page
        assert not [query for query in captured if 'FROM "chat_review"' in query["sql"]]


def test_they_are_counted_in_one_statement_by_their_index(reviewer: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        first_page(reviewer)
    (counted,) = [query["sql"] for query in captured if 'FROM "chat_review"' in query["sql"]]
    assert "LIMIT 100" in counted
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {counted}")
        plan = " ".join(row[-1] for row in cursor.fetchall())
    assert "INDEX review_open" in plan
