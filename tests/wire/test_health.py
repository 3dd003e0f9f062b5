"""`/healthz` and `/readyz`, and the door for pages whose handshake failed."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from tests.support.deployment import Deployment, deployed
from tests.support.postgres import PostgresServer
from tests.support.processes import Processes, WebProcess
from tests.support.redis import RedisServer
from tests.support.waiting import eventually


async def get(web: WebProcess, path: str, cookie: str = "") -> tuple[int, Any]:
    def fetch() -> tuple[int, bytes]:
        request = urllib.request.Request(f"{web.url}{path}", headers={"Cookie": cookie})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    status, body = await asyncio.to_thread(fetch)
    return status, json.loads(body) if body.startswith(b"{") else body.decode()


async def test_a_live_process_says_so(chat: Deployment) -> None:
    assert await get(chat.webs[0], "/healthz") == (200, "ok\n")
    assert await get(chat.webs[0], "/readyz") == (200, {"database": True, "channel_layer": True})


async def test_a_page_can_ask_whether_it_is_signed_in(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    status, told = await get(chat.webs[0], "/api/v1/session", alice.cookie)
    assert (status, told["user"]["username"]) == (200, alice.user.username)
    status, _ = await get(chat.webs[0], "/api/v1/session")
    assert status == 401


@pytest.fixture
def with_redis(
    processes: Processes,
    own_postgres: PostgresServer,
    redis_server: RedisServer,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Deployment]:
    url = own_postgres.database_url(own_postgres.create_database())
    assert processes.manage("migrate", "-v0", env={"DATABASE_URL": url}).wait() == 0
    redis = {"REDIS_URL": redis_server.url}
    with deployed(processes, url, django_db_blocker, **redis) as deployment:
        deployment.add_web()
        yield deployment


async def test_a_process_without_its_database_or_layer_says_which(
    with_redis: Deployment, own_postgres: PostgresServer, redis_server: RedisServer
) -> None:
    (web,) = with_redis.webs

    async def is_ready(status: int, database: bool, layer: bool) -> bool:
        said = await get(web, "/readyz")
        return said == (status, {"database": database, "channel_layer": layer})

    await eventually(lambda: is_ready(200, True, True), "all answers")
    redis_server.kill()
    await eventually(lambda: is_ready(503, True, False), "the layer is missed")
    redis_server.start()
    await eventually(lambda: is_ready(200, True, True), "the layer is back", 20)
    await asyncio.to_thread(own_postgres.kill)
    await eventually(lambda: is_ready(503, False, True), "the database is missed", 20)
    await asyncio.to_thread(own_postgres.start)
    await eventually(lambda: is_ready(200, True, True), "the database is back", 20)
