"""The page of figures: who may see it, which periods it shows, and that it says what the record says."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from chat.models import Access, Generation, LanguageModel, User
from tests.admin.staff import signed_in
from tests.figures.some_record import some_generations

pytestmark = pytest.mark.django_db

PATH = "/admin/figures/"
NOBODY_KNOWS = "There is no user of this name."


def allowed() -> User:
    bob = User.objects.create_user("bob", is_staff=True)
    bob.user_permissions.add(Permission.objects.get(codename="view_figures"))
    return bob


@pytest.fixture
def viewer(db: None) -> Client:
    return signed_in(allowed())


def page(client: Client, status: int = 200, **query: str) -> str:
    response = client.get(PATH, query)
    assert response.status_code == status, response
    return response.content.decode()


def values(html: str, chart: str) -> list[list[float | None]]:
    """Give the numbers of a chart's table, a row for each of its rows."""
    section = html.split(f'id="figures-{chart}"')[1].split("</section>", maxsplit=1)[0]
    rows = section.split("<tr>")[2:]
    cells = [re.findall(r'<td(?: data-value="([^"]+)")?>', row) for row in rows]
    return [[float(value) if value else None for value in row] for row in cells]


def summary(html: str) -> dict[str, str]:
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html)
    return {name: re.sub(r"<[^>]+>", "", value) for name, value in found}


def asked(alice: User, moment: datetime, **changes: object) -> Generation:
    (made,) = some_generations(1, [alice], [moment])
    numbers = ("input_tokens", "output_tokens", "cost", "queue_ms", "ttft_ms", "total_ms")
    ended = {"status": "completed", "seq": 1, "ended_at": moment, "code": "", "runner": None}
    nothing = {**dict.fromkeys(numbers), "usage_estimated": False}
    Generation.objects.filter(pk=made.pk).update(**{**nothing, **ended, **changes})
    return made


# -- Who may look ----------------------------------------------------------------------------------


def test_it_takes_its_own_permission(client: Client) -> None:
    charlie = User.objects.create_user("charlie", is_staff=True)
    others = Permission.objects.exclude(codename="view_figures")
    charlie.user_permissions.set(others.filter(content_type__app_label="chat"))
    client.force_login(charlie)

    assert client.get(PATH).status_code == 403
    assert PATH not in client.get("/admin/").content.decode()


def test_who_has_it_is_led_there_from_the_index(viewer: Client) -> None:
    assert f'href="{PATH}"' in viewer.get("/admin/").content.decode()
    assert "Nothing was asked in this time" in page(viewer)


def test_people_who_are_not_staff_are_asked_to_sign_in(client: Client, alice: User) -> None:
    alice.user_permissions.add(Permission.objects.get(codename="view_figures"))
    client.force_login(alice)

    assert client.get(PATH).status_code == 302


def test_auditors_and_operators_see_figures_and_reviewers_do_not() -> None:
    Group.objects.all().delete()
    call_command("migrate", verbosity=0)
    may = Group.objects.filter(permissions__codename="view_figures")

    assert {group.name for group in may} == {"auditor", "operator"}


def test_nothing_is_changed_by_it_and_no_words_are_shown(viewer: Client, alice: User) -> None:
    asked(alice, timezone.now())
    html = page(viewer)

    assert "About tides" not in html
    assert not Access.objects.exists()
    assert viewer.post(PATH).status_code == 405


# -- What it says ----------------------------------------------------------------------------------


def test_it_says_what_the_record_says(viewer: Client, alice: User) -> None:
    now = timezone.now()
    numbers = {"input_tokens": 1000, "output_tokens": 301, "cost": Decimal("12.345678")}
    asked(alice, now, **numbers, ttft_ms=500, total_ms=3500, queue_ms=20, usage_estimated=True)
    asked(alice, now, status="cancelled", input_tokens=None, output_tokens=None, cost=None)
    html = page(viewer, period="24h")

    said = summary(html)
    assert said["Answers"] == "2"
    assert said["Tokens read"] == "1,000"
    assert said["Tokens written"] == "301 estimated for 1 answer"
    assert said["Cost"] == "12.35\N{NO-BREAK SPACE}₽ not known for 1 answer"
    assert said["Speed"].startswith("100")
    assert said["Stopped"] == "50.0\N{NO-BREAK SPACE}% 1"
    # Twenty-four hours, the last of which is this one.
    tokens = values(html, "tokens")
    assert tokens == [[0, 0]] * 23 + [[1000, 301]]
    assert values(html, "cost")[-1] == [12.345678]
    assert values(html, "ttft")[0] == [None, None]


def test_each_model_and_user_leads_to_its_own_figures(viewer: Client, alice: User) -> None:
    now = timezone.now()
    eve = User.objects.create_user("e&ve")
    asked(alice, now, model="a/first", input_tokens=5)
    asked(eve, now, model="b/second", input_tokens=7)
    html = page(viewer)

    assert 'href="?user=e%26ve"' in html
    assert 'href="?model=a/first"' in html or 'href="?model=a%2Ffirst"' in html
    alone = page(viewer, user="e&ve", period="24h")
    assert summary(alone)["Answers"] == "1"
    assert "b/second" in alone.split('id="figures-models"')[1]
    assert "a/first" not in alone.split('id="figures-models"')[1]
    # What is chosen stays chosen in another period.
    assert 'href="?user=e%26ve&amp;period=30d"' in alone


def test_a_model_that_is_in_no_list_any_more_can_be_asked_for(viewer: Client, alice: User) -> None:
    LanguageModel.objects.create(name="new/one")
    asked(alice, timezone.now(), model="old/one")

    assert summary(page(viewer, model="old/one"))["Answers"] == "1"
    assert "Nothing was asked in this time" in page(viewer, model="new/one")


def test_days_of_ones_own_go_before_the_period(viewer: Client, alice: User) -> None:
    asked(alice, datetime(2025, 3, 1, 23, 59, 59, tzinfo=UTC))
    asked(alice, datetime(2025, 3, 3, tzinfo=UTC))
    html = page(viewer, since="2025-03-01", until="2025-03-02", period="24h", by="day")

    assert summary(html)["Answers"] == "1"
    assert "1 March 2025 – 2 March 2025" in html
    assert len(values(html, "users")) == 2
    assert 'aria-current="true"' not in html


def test_it_is_in_the_sites_time_zone(viewer: Client, alice: User) -> None:
    asked(alice, datetime(2025, 3, 1, 22, 30, tzinfo=UTC))
    with timezone.override("Asia/Vladivostok"):
        html = page(viewer, since="2025-03-02", until="2025-03-02", by="hour")

    assert "Asia/Vladivostok" in html
    assert [row[0] for row in values(html, "users")].index(1) == 8


def test_what_there_is_nothing_of_says_why(viewer: Client, alice: User) -> None:
    asked(alice, timezone.now(), cost=None, queue_ms=0)
    html = page(viewer)

    for words in (
        "costs need the prices of the language models",
        "No answer of this period had to wait.",
        "No answer of this period was stopped, and none failed.",
        "No answer of this period failed.",
    ):
        assert words in html


def test_a_russian_reads_no_english(viewer: Client, alice: User) -> None:
    asked(alice, timezone.now(), ttft_ms=300, total_ms=900, output_tokens=30, queue_ms=5)
    html = viewer.get(PATH, headers={"accept-language": "ru"}).content.decode()
    words = re.findall(r'<th scope="col"[^>]*>([^<]+)<|<dt>([^<]+)<|<h2 [^>]*>([^<]+)<', html)

    said = ["".join(found).replace("p50", "").replace("p95", "") for found in words]
    assert len(said) > 40
    assert [one for one in said if re.search("[A-Za-z]", one)] == []


# -- What cannot be shown --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"since": "2026-02-30"}, "Enter a valid date."),
        ({"since": "yesterday", "until": "2026-02-01"}, "Enter a valid date."),
        ({"until": "2026-02-01"}, "Say from when, too."),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "The period ends before it begins."),
        ({"since": "0001-01-01"}, "Years from 2000 to 2100 can be shown."),
        ({"since": "2026-01-01", "until": "9999-12-31"}, "Years from 2000 to 2100 can be shown."),
        ({"since": "2026-01-01", "until": "2026-02-01", "by": "hour"}, "at most 31 days"),
        ({"since": "2024-01-01", "until": "2026-02-01", "by": "day"}, "at most 366 days"),
        ({"period": "12m", "by": "hour"}, "at most 31 days"),
        ({"period": "fortnight"}, "fortnight is not one of the available choices"),
        ({"by": "week"}, "week is not one of the available choices"),
        ({"user": "nobody"}, NOBODY_KNOWS),
        ({"user": "a\x00b"}, "Null characters are not allowed."),
        ({"model": "m" * 201}, "at most 200 characters"),
        ({"user": "<b>"}, NOBODY_KNOWS),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(
    viewer: Client, query: dict[str, str], words: str
) -> None:
    html = page(viewer, status=400, **query)

    assert escape(words) in html
    assert "<b>" not in html
    # The form is there to put it right, with no figures beside it.
    assert 'name="since"' in html
    assert "figures-chart" not in html


def test_last_months_are_those_of_the_calendar(viewer: Client, alice: User) -> None:
    now = timezone.now()
    asked(alice, now - timedelta(days=200))
    asked(alice, now)
    users = [row[0] for row in values(page(viewer, period="12m"), "users")]

    assert len(users) == 12
    assert (sum(value or 0 for value in users), users[-1]) == (2, 1)
