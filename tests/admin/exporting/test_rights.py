"""Who may take out what."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from chat.exporting import StoppedError
from chat.models import (
    Conversation,
    Export,
    ExportState,
    User,
)
from tests.admin.staff import (
    SECRET,
    list_of,
    page_of,
    signed_in,
    staff,
)
from tests.admin.taking import (
    ALL,
    ask,
    body,
    exporter,
    fetch,
    lines,
    logged,
    prepared,
    said,
    taken,
)


def test_it_takes_a_right_that_reviewers_do_not_have(conversation: Conversation) -> None:
    carol = staff("carol")
    carol.groups.add(Group.objects.get(name="reviewer"))
    client = signed_in(carol)

    assert "/export/" not in said(list_of(client, "message"))
    assert client.get(reverse("admin:chat_message_export")).status_code == 403
    assert ask(client, "message").status_code == 403
    assert list_of(client, "export").status_code == 403
    assert not Export.objects.exists()
    assert 'href="/admin/chat/message/export/?q=Moon"' in said(
        list_of(signed_in(exporter("dave", "message")), "message", q="Moon")
    )


def test_nobody_takes_out_what_they_may_not_view(conversation: Conversation) -> None:
    client = signed_in(exporter("carol", "conversation"))
    for model in ("message", "generation", "access"):
        assert ask(client, model).status_code == 403

    (row,) = lines(taken(client, "conversation"))
    assert row["title"] == "About tides"
    assert "messages" not in row
    reader = signed_in(exporter("dave", "conversation", "message"))
    (row,) = lines(taken(reader, "conversation"))
    assert [message["content"] for message in row["messages"]] == [SECRET, "Moon"]
    assert not [message for message in row["messages"] if "generations" in message]


def test_a_right_that_was_taken_away_ends_what_was_prepared(
    client: Client, bob: User, conversation: Conversation
) -> None:
    export = prepared(client, "message")
    bob.user_permissions.remove(*bob.user_permissions.filter(codename="view_message"))

    assert fetch(client, export).status_code == 403
    assert Export.objects.get().state == ExportState.READY
    assert logged() == []


def test_an_account_that_is_closed_meanwhile_gets_no_more(
    client: Client, bob: User, conversation: Conversation
) -> None:
    download = fetch(client, prepared(client, "message"))
    User.objects.filter(pk=bob.pk).update(is_active=False)

    with pytest.raises(StoppedError):
        body(download)
    assert logged() == []


def test_an_export_is_its_owners_alone(client: Client, conversation: Conversation) -> None:
    export = prepared(client, "message")
    stranger = signed_in(exporter("eve", *ALL))

    assert fetch(stranger, export).status_code == 404
    for page in ("progress", "cancel"):
        path = reverse(f"admin:chat_export_{page}", args=[export.pk])
        assert stranger.post(path).status_code == 404
    assert str(export.pk) not in said(list_of(stranger, "export"))
    assert page_of(stranger, export).status_code == 302
    assert str(export.pk) in said(list_of(client, "export"))
    root = signed_in(User.objects.create_superuser("root"))
    assert str(export.pk) in said(list_of(root, "export"))
    assert 'value="Download"' not in said(page_of(root, export))
    assert fetch(root, export).status_code == 404
    assert Export.objects.get().state == ExportState.READY


def test_a_link_from_elsewhere_begins_no_download(
    client: Client, conversation: Conversation
) -> None:
    export = prepared(client, "message")
    path = reverse("admin:chat_export_file", args=[export.pk])

    assert client.get(path).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(path).status_code == 403
    assert Export.objects.get().state == ExportState.READY


@pytest.mark.parametrize("query", ["nonsense=1", "since=yesterday", "status=lost"])
def test_what_a_list_does_not_find_is_not_exported(client: Client, query: str) -> None:
    """The list itself says what is wrong with it."""
    answer = ask(client, "message", query)

    assert answer["Location"] == f"/admin/chat/message/?{query}"
    assert 'class="errornote"' in said(client.get(answer["Location"]))
    assert ask(client, "message", f"q={'a' * 5000}").status_code == 400
    assert not Export.objects.exists()
