"""Django's system checks of ours."""

import io
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django.fixtures import Settings

from chat.checks import check_languages, check_times, check_worker_has_redis, out_of_order
from chat.generation import runner
from chat.hub import link


def test_the_times_are_in_order() -> None:
    assert check_times() == []


def test_equal_times_are_out_of_order_too() -> None:
    messages = out_of_order([("A", 1.0), ("B", 1.0), ("C", 3.0), ("D", 2.5)])

    assert [message.msg for message in messages] == [
        "A (1 s) must be less than B (1 s).",
        "C (3 s) must be less than D (2.5 s).",
    ]
    assert {message.id for message in messages} == {"chat.E001"}


def test_a_window_longer_than_the_time_between_claims_is_an_error(
    settings: Settings,
) -> None:
    settings.DELTA_WINDOW_MS = 500

    assert [message.msg for message in check_times()] == [
        "DELTA_WINDOW_MS (0.5 s) must be less than CLAIM_EVERY_S (0.5 s)."
    ]
    with pytest.raises(SystemCheckError, match=r"chat\.E001"):
        call_command("check", stdout=io.StringIO(), stderr=io.StringIO())


@pytest.mark.parametrize(
    ("owner", "name", "value"),
    [
        (runner, "HEARTBEAT_S", 10.0),
        (runner, "CLAIM_EVERY_S", 2.0),
        (runner, "REAP_EVERY_S", 11.0),
        (link, "PING_S", 2.5),
        (link, "DEAF_AFTER_S", 6.0),
        (link, "RENEW_S", 4.0),
    ],
)
def test_every_stated_relation_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, value: float
) -> None:
    monkeypatch.setattr(owner, name, value)

    assert [message for message in check_times() if name in message.msg]


def test_a_worker_without_redis_is_warned_of(settings: Settings) -> None:
    settings.GENERATE_IN, settings.REDIS_URL = "worker", ""

    assert [message.id for message in check_worker_has_redis()] == ["chat.W001"]
    said = io.StringIO()
    call_command("check", stdout=io.StringIO(), stderr=said)
    assert "GENERATE_IN=worker without REDIS_URL" in said.getvalue()


@pytest.mark.parametrize(
    ("where", "redis"), [("web", ""), ("web", "redis://localhost"), ("worker", "redis://localhost")]
)
def test_other_combinations_are_not(settings: Settings, where: str, redis: str) -> None:
    settings.GENERATE_IN, settings.REDIS_URL = where, redis

    assert check_worker_has_redis() == []


def test_catalogues_that_were_not_compiled_are_warned_of(
    settings: Settings, tmp_path: Path
) -> None:
    assert check_languages() == []

    settings.LOCALE_PATHS = [tmp_path]
    (tmp_path / "ru" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "ru" / "LC_MESSAGES" / "django.mo").touch()
    (warning,) = check_languages()
    assert warning.id == "chat.W002"
    assert "djangojs.mo" in warning.msg
