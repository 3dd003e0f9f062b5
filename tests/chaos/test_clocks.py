"""One process whose wall clock is wrong: the record goes by the database's."""

import itertools
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from tests.chaos.client import Client
from tests.chaos.cluster import Cluster
from tests.chaos.member import Member
from tests.chaos.prompts import numbered
from tests.support.waiting import eventually

HOUR_S, DAY_S = 3600.0, 86_400.0
SKEWS = [
    pytest.param(HOUR_S),
    pytest.param(-HOUR_S, marks=pytest.mark.chaos),
    pytest.param(DAY_S, marks=pytest.mark.chaos),
    pytest.param(-DAY_S, marks=pytest.mark.chaos),
]
# Of the test's own clock and the database's, which are of one machine, and of a slow one.
TOLERANCE = timedelta(minutes=1)


@pytest.mark.parametrize("skew_s", SKEWS)
async def test_a_web_process_has_a_wrong_clock(cluster: Cluster, skew_s: float) -> None:
    """A web process has a wrong clock: order, times, sessions and limits stay right."""
    person = cluster.sign_up("alice")
    wrong, right = cluster.client(person, 0), cluster.client(person, 1)
    began = datetime.now(UTC)
    async with wrong, right:
        cluster.webs[0].move_clock(skew_s)
        conversation = None
        for client in (right, wrong, right, wrong):
            accepted = await client.prompt(numbered(5), conversation)
            conversation = accepted["conversation"]
            assert await client.until_end(accepted["generation"]) == "completed"
        await right.drop()
        await right.until(lambda: right.connects == 2 and right.is_ready, "back")
        await wrong.drop()
        await wrong.until(lambda: wrong.connects == 2 and wrong.is_ready, "back")
    _check_order(cluster, right)
    _check_times(cluster, right, began)


@pytest.mark.chaos
@pytest.mark.parametrize("skew_s", [HOUR_S, -HOUR_S])
async def test_a_limit_under_a_wrong_clock(cluster: Cluster, skew_s: float) -> None:
    """A web process has a wrong clock: prompts a minute are counted as on every other."""
    person, limit = cluster.sign_up("alice"), {"USER_MESSAGES_PER_MINUTE": "4"}
    _restart_with(cluster, cluster.webs, limit)
    wrong, right = cluster.client(person, 0), cluster.client(person, 1)
    try:
        async with wrong, right:
            cluster.webs[0].move_clock(skew_s)
            for client in (wrong, right, wrong, right):
                await client.prompt(numbered(2))
            keys = {client: await client.send_prompt(numbered(2)) for client in (wrong, right)}
            for client, key in keys.items():
                await client.until(partial(_refusals, client), "refused")
                waits = [frame["retry_after_ms"] for frame in _refusals(client)]
                assert all(0 < wait <= 60_000 for wait in waits), waits
                await client.until(partial(client.accepted.__contains__, key), "accepted", 90)
    finally:
        _restart_with(cluster, cluster.webs, {"USER_MESSAGES_PER_MINUTE": "1000"})


@pytest.mark.chaos
@pytest.mark.parametrize("skew_s", [HOUR_S, -HOUR_S, DAY_S, -DAY_S])
async def test_a_runner_has_a_wrong_clock(cluster: Cluster, skew_s: float) -> None:
    """A runner has a wrong clock: nobody is taken for dead, and times and logs stay right."""
    alice, began = cluster.client(cluster.sign_up("alice")), datetime.now(UTC)
    living = {row.pk for row in cluster.database.runners() if row.ended_at is None}
    async with alice:
        cluster.runners[0].move_clock(skew_s)
        for runner in (cluster.runners[0], cluster.runners[1], cluster.runners[0]):
            with cluster.only(cluster.other_than(runner)):
                accepted = await alice.prompt(numbered(5))
                assert await alice.until_end(accepted["generation"]) == "completed"
        # A second look of those who forget and who reap, so that the first is over.
        for point in ("engine.forget", "engine.reap"):
            cluster.runners[0].arm(point, "raise", passes=2)
            await eventually(partial(cluster.runners[0].was_hit, point), point, 60)
    assert {row.pk for row in cluster.database.runners() if row.ended_at is None} >= living
    _check_times(cluster, alice, began)


def _check_order(cluster: Cluster, client: Client) -> None:
    """Messages follow each other in time as they do in the conversation."""
    messages = cluster.database.messages_of(client.person)
    for message in messages:
        parent = next((m for m in messages if m.pk == message.parent_id), None)
        assert parent is None or parent.created_at < message.created_at, (parent, message)
    roles = [message.role for message in messages]
    assert roles == ["user", "assistant"] * (len(roles) // 2)


def _check_times(cluster: Cluster, client: Client, began: datetime) -> None:
    """Every time in the record is of now, and they are in their order."""
    earliest, latest = began - TOLERANCE, datetime.now(UTC) + TOLERANCE
    for one in cluster.database.generations_of(client.person):
        assert one.started_at is not None
        assert one.ended_at is not None
        times = [one.created_at, one.started_at, one.ended_at]
        assert all(earliest < moment < latest for moment in times), times
        assert all(before <= after for before, after in itertools.pairwise(times)), times
        assert one.queue_ms is not None
        assert one.queue_ms < TOLERANCE.total_seconds() * 1000
    for message in cluster.database.messages_of(client.person):
        assert earliest < message.created_at < latest, message.created_at
    for conversation in cluster.database.conversations_of(client.person):
        assert earliest < conversation.created_at <= conversation.updated_at < latest


def _restart_with(cluster: Cluster, members: list[Member], env: dict[str, str]) -> None:
    for member in members:
        member.env.update(env)
        member.kill()
    cluster.heal()


def _refusals(client: Client) -> list[dict[str, int]]:
    return [frame for frame in client.frames if frame.get("code") == "rate_limited"]
