"""The pages: who sees which, what they are allowed to run, and that nothing in them is inline."""

import json
import re
import uuid
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django import Settings

from chat.models import Conversation, User
from chat.templatetags.modules import NPM, admin_modules, needed_by, own_modules

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return User.objects.create_user("alice", password="correct horse")


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob", password="correct horse")


@pytest.fixture
def signed_in(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def html(client: Client, path: str = "/") -> str:
    return client.get(path).content.decode()


def test_a_stranger_is_sent_to_sign_in_and_back(client: Client) -> None:
    path = f"/c/{uuid.uuid4()}/"
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={path}"


def test_it_signs_in_by_user_name(client: Client, alice: User) -> None:
    answer = client.post("/accounts/login/", {"login": "alice", "password": "correct horse"})
    assert answer["Location"] == "/"
    assert client.get("/").status_code == 200


def test_a_wrong_password_is_said_in_the_form(client: Client, alice: User) -> None:
    answer = client.post("/accounts/login/", {"login": "alice", "password": "wrong"})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()


def test_sign_up_is_closed(client: Client) -> None:
    assert 'name="password1"' not in html(client, "/accounts/signup/")


def test_it_signs_out(signed_in: Client) -> None:
    assert 'action="/accounts/logout/"' in html(signed_in, "/accounts/logout/")
    answer = signed_in.post("/accounts/logout/")
    assert answer["Location"] == "/accounts/login/"
    assert signed_in.get("/").status_code == 302


def test_the_password_is_changed_where_the_account_leads(signed_in: Client, alice: User) -> None:
    assert 'href="/accounts/"' in html(signed_in)
    assert 'href="/accounts/password/change/"' in html(signed_in, "/accounts/")
    elsewhere = Client()
    elsewhere.force_login(alice)
    asked = {"oldpassword": "wrong", "password1": "staple battery", "password2": "staple batery"}
    path = "/accounts/password/change/"

    refused = signed_in.post(path, asked).content.decode()
    assert refused.count('class="card-error"') == 2
    said = signed_in.post(
        path, {**asked, "oldpassword": "correct horse", "password2": "staple battery"}, follow=True
    )
    assert said.redirect_chain == [("/accounts/", 302)]
    assert 'role="status"' in said.content.decode()
    alice.refresh_from_db()
    assert alice.check_password("staple battery")
    assert signed_in.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


def test_the_account_leads_to_no_page_that_is_not_there(
    signed_in: Client, settings: Settings
) -> None:
    settings.ACCESS_SHOWN = True
    pages = html(signed_in, "/accounts/") + html(signed_in, "/accounts/password/change/")
    links = {*re.findall(r"<a[^>]* href=\"(/[^\"]*)\"", pages)}
    assert "/accounts/access/" in links
    for path in links:
        assert signed_in.get(path).status_code == 200, path


@pytest.mark.parametrize("path", ["/accounts/password/reset/", "/accounts/email/"])
def test_what_needs_mail_is_not_there(signed_in: Client, path: str) -> None:
    assert signed_in.get(path).status_code == 404


def test_a_conversation_opens_at_its_address(signed_in: Client, alice: User) -> None:
    conversation = Conversation.objects.create(owner=alice, title="Mine")
    page = html(signed_in, f"/c/{conversation.pk}/")
    assert f'"conversation": "{conversation.pk}"' in page


def test_missing_and_someone_elses_conversation_are_the_same(signed_in: Client, bob: User) -> None:
    theirs = Conversation.objects.create(owner=bob, title="Theirs")
    answers = [signed_in.get(f"/c/{pk}/") for pk in (theirs.pk, uuid.uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert "There is nothing here" in answers[0].content.decode()
    assert "Theirs" not in answers[0].content.decode()


def test_the_page_is_not_kept_by_caches(signed_in: Client) -> None:
    assert "no-store" in signed_in.get("/")["Cache-Control"]


def test_the_policy_lets_only_our_files_and_this_pages_import_map_run(signed_in: Client) -> None:
    answer = signed_in.get("/")
    policy = dict(
        part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";")
    )
    nonce = re.search(r'<script type="importmap" nonce="([^"]+)">', answer.content.decode())
    assert nonce
    assert policy["script-src"].split() == ["'self'", f"'nonce-{nonce[1]}'"]
    assert policy["style-src"] == "'self'"
    assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/accounts/", "/accounts/password/change/", "/nowhere/"])
def test_nothing_is_inline(signed_in: Client, path: str) -> None:
    page = html(signed_in, path)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)
    kinds = re.findall(r"<script([^>]*)>[^<]", page)
    assert all("importmap" in kind or "application/json" in kind for kind in kinds)


def test_every_module_is_in_the_import_map_and_exists(signed_in: Client) -> None:
    found = re.search(r'<script type="importmap"[^>]*>(.*?)</script>', html(signed_in), re.DOTALL)
    assert found
    imports = json.loads(found[1])["imports"]
    assert set(imports) == {*own_modules(), *NPM}
    for path in {**own_modules(), **NPM}.values():
        assert finders.find(path), path


def test_a_page_of_the_admin_loads_early_what_it_begins_with_and_no_more() -> None:
    needed = needed_by("admin/transcript")

    assert {"admin/transcript", "admin/watch", "chat/markdown", "marked"} <= {*needed}
    assert {"chat/main", "chat/connection", "highlight", "katex"} & {*needed} == set()
    assert len(needed) == len({*needed})


def test_every_import_has_a_name_in_the_map() -> None:
    names = {*own_modules(), *admin_modules(), *NPM}
    for path in {**own_modules(), **admin_modules()}.values():
        source = Path(str(finders.find(path))).read_text()
        imported = set(re.findall(r'(?:from|import\(|import) ?"([^"]+)"', source))
        assert imported <= names, path


def test_a_user_name_cannot_break_out_of_the_page(client: Client) -> None:
    user = User(username='</script><img src=x onerror="x">')
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    assert "<img src=x" not in html(client)


def test_the_session_is_told_to_the_page(signed_in: Client, alice: User) -> None:
    answer = signed_in.get("/api/v1/session")
    assert answer.json() == {"user": {"id": alice.pk, "username": "alice"}}


def test_no_session_is_401(client: Client) -> None:
    assert client.get("/api/v1/session").status_code == 401


def test_the_session_is_only_read(signed_in: Client) -> None:
    assert signed_in.post("/api/v1/session").status_code == 405


def test_it_speaks_of_failure_without_a_context() -> None:
    from django.template.loader import render_to_string

    assert "Something went wrong" in render_to_string("500.html")
