"""Two web processes and two runners on PostgreSQL and a Redis-protocol server."""

import asyncio
import json
import urllib.request
import uuid
from collections.abc import Iterator

import pytest
from django.conf import settings
from pytest_django import DjangoDbBlocker

from tests.support.database import Person
from tests.support.deployment import Deployment, deployed
from tests.support.processes import Process, Processes
from tests.support.redis import RedisServer
from tests.support.waiting import eventually
from tests.support.wire import assert_contiguous


@pytest.fixture
def cluster(
    processes: Processes,
    postgres_url: str,
    redis_server: RedisServer,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Deployment]:
    """Give the chat as docker compose runs it, twice of everything that can be twice."""
    common = {"REDIS_URL": redis_server.url, "GENERATE_IN": "worker"}
    with deployed(processes, postgres_url, django_db_blocker, **common) as deployment:
        for _ in range(2):
            deployment.add_web()
            deployment.add_runner()
        yield deployment


async def test_two_sockets_in_two_processes_see_the_same_and_either_stops_it(
    cluster: Deployment,
) -> None:
    alice = cluster.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[fault=endless rate=50]]"
    async with cluster.socket(alice, web=0) as first, cluster.socket(alice, web=1) as second:
        opened = await first.prompt("[[chunks=2 rate=0]]")
        await first.until_end(opened["generation"])
        await second.ask("conversation.subscribe", conversation=opened["conversation"])
        accepted = await first.prompt(prompt, opened["conversation"])
        await first.until_text(accepted["generation"], 120)
        await second.until_text(accepted["generation"], 120)
        reply = await second.ask("generation.cancel", generation=accepted["generation"])
        ends = [await socket.until_end(accepted["generation"]) for socket in (first, second)]
    assert reply["generations"] == [accepted["generation"]]
    assert ends[0] == ends[1]
    assert ends[0]["type"] == "generation.cancelled"
    assert first.events(accepted["generation"]) == second.events(accepted["generation"])
    for socket in (first, second):
        assert_contiguous(socket.frames, accepted["generation"])
    await cluster.evolution.until_closed(prompt)
    shown = first.shown(accepted["generation"])
    assert cluster.database.message(accepted["answer"]).content == shown


async def test_many_answers_are_shared_out_and_each_is_asked_for_once(cluster: Deployment) -> None:
    people = [cluster.sign_up("alice") for _ in range(6)]
    prompt = f"{uuid.uuid4()} [[chunks=20 rate=50]]"

    async def converse(number: int) -> None:
        async with cluster.socket(people[number], web=number % 2) as socket:
            accepted = [await socket.prompt(prompt) for _ in range(2)]
            for each in accepted:
                await socket.until_end(each["generation"])
            for each in accepted:
                assert_contiguous(socket.frames, each["generation"])
                stored = cluster.database.message(each["answer"]).content
                assert socket.shown(each["generation"]) == stored

    await asyncio.gather(*(converse(number) for number in range(len(people))))
    assert len(await cluster.evolution.calls(prompt)) == 12


async def test_a_killed_runner_loses_nothing_that_was_shown(cluster: Deployment) -> None:
    alice = cluster.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[fault=endless rate=50]]"
    async with cluster.socket(alice) as socket:
        accepted = await socket.prompt(prompt)
        await socket.until_text(accepted["generation"], 200)
        victim = await eventually(lambda: _runner_of(cluster, accepted["generation"]), "a runner")
        victim.kill()
        end = await socket.until_end(accepted["generation"], within_s=40)
        more = await socket.ask("generation.continue", generation=accepted["generation"])
        await socket.until_end(more["generation"])
    assert end["type"] == "generation.interrupted"
    assert_contiguous(socket.frames, accepted["generation"])
    stored = cluster.database.message(accepted["answer"]).content
    shown = socket.shown(accepted["generation"])
    assert stored == shown + socket.shown(more["generation"])
    assert cluster.database.generation(accepted["generation"]).status == "interrupted"


async def test_without_redis_everything_goes_on_a_second_later(
    cluster: Deployment, redis_server: RedisServer
) -> None:
    alice = cluster.sign_up("alice")
    prompt = f"{uuid.uuid4()} [[chunks=100 rate=25]]"
    endless = f"{uuid.uuid4()} [[fault=endless rate=25]]"
    async with cluster.socket(alice) as first, cluster.socket(alice, web=1) as second:
        opened = await first.prompt("[[chunks=2 rate=0]]")
        await first.until_end(opened["generation"])
        conversation = opened["conversation"]
        await second.ask("conversation.subscribe", conversation=conversation)
        accepted = await first.prompt(prompt, conversation)
        await second.until_text(accepted["generation"], 60)
        redis_server.kill()
        for socket in (first, second):
            await socket.until_end(accepted["generation"])
            assert_contiguous(socket.frames, accepted["generation"])
        async with cluster.socket(alice, web=1) as third:
            stopped = await third.prompt(endless, conversation)
            await second.until_text(stopped["generation"], 30)
            await second.ask("generation.cancel", generation=stopped["generation"])
            await cluster.evolution.until_closed(endless)
            await third.until_end(stopped["generation"])
            await second.until_end(stopped["generation"])
        redis_server.start()
        again = await first.prompt("[[chunks=30 rate=25]]", conversation)
        await second.until_end(again["generation"])
    assert_contiguous(second.frames, again["generation"])


async def test_staff_stop_answers_from_a_process_that_writes_none_and_without_redis(
    cluster: Deployment, redis_server: RedisServer
) -> None:
    alice, root = cluster.sign_up("alice"), cluster.database.sign_up_staff("root")
    endless, waiting = f"{uuid.uuid4()} [[fault=endless rate=25]]", f"{uuid.uuid4()} [[chunks=1]]"
    async with cluster.socket(alice) as socket:
        running = await socket.prompt(endless)
        await socket.until_text(running["generation"], 30)
        queued = await socket.prompt(waiting, running["conversation"])
        redis_server.kill()
        under_way = await _of_the_admin(cluster, root, "generation/under-way/")
        watched = json.loads(
            await _of_the_admin(cluster, root, f"generation/{running['generation']}/live/")
        )
        place = f"{running['conversation']}/change/?around={running['answer']}"
        transcript = await _of_the_admin(cluster, root, f"conversation/{place}")
        for accepted in (queued, running):
            await _press_stop(cluster, root, accepted["generation"])
        ends = [await socket.until_end(each["generation"]) for each in (queued, running)]
    await cluster.evolution.until_closed(endless)
    assert under_way.index(running["generation"]) < under_way.index(queued["generation"])
    assert f'id="message-{running["answer"]}"' in transcript
    assert watched["content"].startswith(socket.shown(running["generation"])[:30])
    assert [(end["type"], end["by_staff"]) for end in ends] == [("generation.cancelled", True)] * 2
    assert await cluster.evolution.calls(waiting) == []
    assert_contiguous(socket.frames, running["generation"])
    for accepted in (queued, running):
        row = cluster.database.generation(accepted["generation"])
        assert (row.status, row.stopped_by) == ("cancelled", root.user.username)


async def _press_stop(cluster: Deployment, person: Person, generation: str) -> None:
    await _of_the_admin(cluster, person, f"generation/{generation}/stop/", method="POST")


async def _of_the_admin(cluster: Deployment, person: Person, path: str, method: str = "GET") -> str:
    """Ask the web process that nobody's socket is at for a page of the chat's administration."""
    token = "a" * 32
    cookies = f"{person.cookie}; {settings.CSRF_COOKIE_NAME}={token}"
    request = urllib.request.Request(
        f"{cluster.webs[1].url}/admin/chat/{path}",
        method=method,
        data=b"" if method == "POST" else None,
        headers={"Cookie": cookies, "X-CSRFToken": token},
    )

    def ask() -> str:
        with urllib.request.urlopen(request, timeout=30) as answer:
            page: str = answer.read().decode()
            return page

    return await asyncio.to_thread(ask)


def _runner_of(cluster: Deployment, generation: str) -> Process | None:
    row = cluster.database.generation(generation)
    name = cluster.database.runner_name(row.runner_id)
    return next((r for r in cluster.runners if name.endswith(f":{r.pid}")), None)
