"""Limits of one user: held where a prompt is stored and where an answer begins, on both databases."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat import conversations
from chat.generation.admission import Limits, claim
from chat.models import Generation, Runner, Status, User, UserLimits
from chat.protocol import CommandError, GenerationContinue, GenerationCreate, MessageSend

pytestmark = pytest.mark.usefixtures("either_database")


@pytest.fixture
def alice(either_database: str) -> User:
    return User.objects.create(username="alice")


def limited(user: User, **limits: Any) -> None:
    UserLimits.objects.update_or_create(user=user, defaults=limits)


def prompt(user: User, message: uuid.UUID | None = None) -> Generation:
    command = MessageSend(message=message or uuid.uuid4(), content="Hello", conversation=None)
    done = conversations.submit(user.pk, command, uuid.uuid4())
    return Generation.objects.get(pk=done.generation)


def ended(user: User, at: datetime | None = None, **numbers: Any) -> Generation:
    made = prompt(user)
    numbers = {"status": Status.COMPLETED, "finish_reason": "length", "seq": 1, **numbers}
    at = at or made.created_at
    Generation.objects.filter(pk=made.pk).update(ended_at=at, created_at=at, **numbers)
    return made


def refused(work: Callable[[], Any]) -> CommandError:
    before = Generation.objects.count()
    with pytest.raises(CommandError) as raised:
        work()
    assert Generation.objects.count() == before
    return raised.value


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone())


def today() -> date:
    return timezone.localtime().date()


# -- Sending ---------------------------------------------------------------------------------------


def test_without_limits_of_ones_own_there_are_those_of_all(
    alice: User, settings: LazySettings
) -> None:
    settings.USER_MAX_QUEUED = 2
    limited(alice)
    for _ in range(2):
        prompt(alice)

    assert refused(lambda: prompt(alice)).code == "too_many_generations"


@pytest.mark.parametrize(("own", "allowed"), [(1, 1), (3, 3)])
def test_ones_own_queue_is_shorter_or_longer(
    alice: User, settings: LazySettings, own: int, allowed: int
) -> None:
    settings.USER_MAX_QUEUED = 2
    limited(alice, queued=own)
    for _ in range(allowed):
        prompt(alice)

    assert refused(lambda: prompt(alice)).code == "too_many_generations"
    prompt(User.objects.create(username="bob"))


def test_so_many_prompts_a_day_and_then_no_more_until_midnight(alice: User) -> None:
    limited(alice, prompts_per_day=2)
    before = midnight(today()) - timedelta(microseconds=1)
    ended(alice, at=before)
    ended(alice, at=midnight(today()))
    prompt(alice)

    error = refused(lambda: prompt(alice))
    assert (error.code, error.quota) == ("quota_exceeded", "prompts_per_day")
    left = midnight(today() + timedelta(days=1)) - timezone.now()
    assert error.retry_after_ms == pytest.approx(left / timedelta(milliseconds=1), abs=20_000)
    Generation.objects.update(created_at=before)
    prompt(alice)


def test_so_many_tokens_a_day_read_and_written(alice: User) -> None:
    limited(alice, tokens_per_day=100)
    ended(alice, at=midnight(today()) - timedelta(hours=1), input_tokens=500, output_tokens=500)
    ended(alice, input_tokens=60, output_tokens=39)
    # What is not known counts for nothing.
    ended(alice, input_tokens=None, output_tokens=None)
    ended(alice, input_tokens=None, output_tokens=1)

    error = refused(lambda: prompt(alice))
    assert (error.code, error.quota) == ("quota_exceeded", "tokens_per_day")
    limited(alice, tokens_per_day=101)
    prompt(alice)


def test_the_day_is_that_of_the_site(alice: User) -> None:
    """Of the two zones one is always in another day than UTC's date at that hour."""
    for name in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        with timezone.override(name):
            Generation.objects.all().delete()
            limited(alice, prompts_per_day=1)
            ended(alice, at=midnight(today()) - timedelta(microseconds=1))
            ended(alice, at=midnight(today()))
            error = refused(lambda: prompt(alice))
            ends = timezone.now() + timedelta(milliseconds=error.retry_after_ms or 0)
            assert abs(ends - midnight(today() + timedelta(days=1))) < timedelta(seconds=20)


def test_who_may_not_send_is_told_why_and_until_when(alice: User) -> None:
    until = timezone.now() + timedelta(hours=2)
    limited(alice, is_paused=True, paused_until=until, reason="Ask Bob.")
    error = refused(lambda: prompt(alice))
    assert (error.code, error.quota, error.reason) == ("quota_exceeded", "paused", "Ask Bob.")
    assert error.retry_after_ms == pytest.approx(7_200_000, abs=20_000)

    limited(alice, paused_until=None, reason="")
    error = refused(lambda: prompt(alice))
    assert (error.quota, error.reason, error.retry_after_ms) == ("paused", None, None)

    limited(alice, paused_until=datetime(2020, 1, 1, tzinfo=UTC))
    prompt(alice)


def test_neither_answering_anew_nor_continuing_goes_round_a_limit(alice: User) -> None:
    first = ended(alice)
    limited(alice, is_paused=True)
    again = GenerationCreate(message=first.message.parent_id, answer=uuid.uuid4())

    assert refused(lambda: conversations.regenerate(alice.pk, again)).quota == "paused"
    on = GenerationContinue(generation=first.pk)
    assert refused(lambda: conversations.continue_answer(alice.pk, on)).quota == "paused"


def test_what_was_stored_before_is_acknowledged_though_it_is_sent_again_late(alice: User) -> None:
    """A resend is no new prompt: its first acknowledgement was lost."""
    key = uuid.uuid4()
    command = MessageSend(message=key, content="Hello", conversation=None)
    stored = conversations.submit(alice.pk, command, uuid.uuid4())
    limited(alice, is_paused=True, prompts_per_day=1)

    again = conversations.submit(alice.pk, command, uuid.uuid4())
    assert (again.duplicate, again.generation) == (True, stored.generation)


@pytest.mark.parametrize("limits", [{}, {"queued": 9, "prompts_per_day": 9, "tokens_per_day": 9}])
def test_limits_cost_no_statement_more(alice: User, limits: dict[str, int]) -> None:
    # The first of a process also reads the default model.
    prompt(alice)
    with CaptureQueriesContext(connection) as without:
        prompt(alice)
    limited(alice, **limits)
    with CaptureQueriesContext(connection) as with_limits:
        prompt(alice)

    assert len(with_limits) == len(without)


# -- Telling ---------------------------------------------------------------------------------------


def test_a_page_is_told_ones_own_limits_and_else_those_of_all(
    alice: User, settings: LazySettings
) -> None:
    for_all = conversations.offer(alice.pk).limits
    assert (for_all.max_generations, for_all.max_queued) == (
        settings.USER_MAX_GENERATIONS,
        settings.USER_MAX_QUEUED,
    )
    assert (for_all.prompts_per_day, for_all.tokens_per_day) == (None, None)
    assert conversations.bare_offer().limits == for_all

    limited(alice, at_once=7, prompts_per_day=5)
    own = conversations.offer(alice.pk).limits
    assert (own.max_generations, own.prompts_per_day, own.tokens_per_day) == (7, 5, None)
    assert own.max_queued == for_all.max_queued


def test_what_is_left_of_the_day_is_what_may_still_be_sent(alice: User) -> None:
    left = conversations.left_today(alice.pk)
    assert (left.prompts, left.tokens) == (None, None)
    ended(alice, at=midnight(today()) - timedelta(microseconds=1), input_tokens=500)
    ended(alice, input_tokens=60, output_tokens=45)
    limited(alice, prompts_per_day=3, tokens_per_day=200)

    left = conversations.left_today(alice.pk)
    assert (left.prompts, left.tokens) == (2, 95)
    assert left.ends == midnight(today() + timedelta(days=1))
    for _ in range(left.prompts or 0):
        prompt(alice)
    assert conversations.left_today(alice.pk).prompts == 0
    assert refused(lambda: prompt(alice)).quota == "prompts_per_day"
    # An answer may go beyond: then nothing is left, and not less than that.
    limited(alice, tokens_per_day=100)
    assert conversations.left_today(alice.pk).tokens == 0


def test_the_page_of_limits_is_linked_where_there_is_one_by_day(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    link = 'href="/accounts/limits/"'
    assert link not in client.get("/").content.decode()
    assert "left today" not in client.get("/accounts/limits/").content.decode()

    ended(alice, at=midnight(today()))
    limited(alice, prompts_per_day=1234, is_paused=True, reason="Ask Bob.")
    assert link in client.get("/").content.decode()
    page = client.get("/accounts/limits/").content.decode()
    assert "1,233 of 1,234" in page
    assert 'You may not send for now. The reason: <span dir="auto">Ask Bob.</span>' in page
    assert "Tokens left" not in page


# -- Beginning -------------------------------------------------------------------------------------


def test_so_many_of_ones_answers_at_once(alice: User) -> None:
    bob = User.objects.create(username="bob")
    runner = uuid.uuid4()
    Runner.objects.enlist(runner, "host:1")
    limited(alice, at_once=1)
    limited(bob, at_once=3)
    for user in (alice, bob):
        for _ in range(3):
            prompt(user)
    with CaptureQueriesContext(connection) as statements:
        claimed = claim(runner, Limits(parallel=10, per_user=2)).generations

    owners = [generation.owner for generation in claimed]
    assert (owners.count(alice.pk), owners.count(bob.pk)) == (1, 3)
    reads = [query for query in statements.captured_queries if "userlimits" in query["sql"]]
    assert len(reads) == 1
