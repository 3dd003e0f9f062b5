"""evochat as it is deployed: web processes, runners, a database, a provider, all real."""

import asyncio
import json
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from django.conf import settings
from pytest_django import DjangoDbBlocker

from tests.support.database import Database, Person
from tests.support.processes import Process, Processes, WebProcess
from tests.support.waiting import eventually
from tests.support.wire import Wire, wire


class Evolution:
    """The scripted provider as a process of its own, and what it remembers."""

    def __init__(self, processes: Processes) -> None:
        self.process = processes.start(
            sys.executable, "-m", "scripted_evolution", "--port", "0", name="evolution"
        )
        found = self.process.wait_for_line(r"scripted evolution on (http://\S+)/v1")
        self._url = found.group(1)
        self.base_url = f"{self._url}/v1"
        self.token_url = f"{self._url}/api/v1/auth/token"

    async def calls(self, prompt: str) -> list[dict[str, Any]]:
        """List the chat requests whose last message is `prompt`, oldest first."""
        return [call for call in await self.all_calls() if last_message(call) == prompt]

    async def all_calls(self) -> list[dict[str, Any]]:
        """List all chat requests, oldest first."""
        told = await asyncio.to_thread(self._get, "/control/requests")
        records = told["requests"] if isinstance(told, dict) else told
        return [record for record in records if record["path"].endswith("/chat/completions")]

    async def forget(self) -> None:
        """Forget all requests and counted failures."""
        await asyncio.to_thread(self._post, "/control/reset")

    async def release(self) -> None:
        """Let every held answer go on."""
        await asyncio.to_thread(self._post, "/control/release")

    async def release_when_held(self, *prompts: str) -> None:
        """Wait until the answers to `prompts` are held, then release: earlier it would be for nobody."""
        for prompt in prompts:
            await self.until(prompt, lambda call: call["held"], "the answer held", seconds=30)
        await self.release()

    async def until(
        self, prompt: str, holds: Callable[[dict[str, Any]], Any], what: str, seconds: float = 10.0
    ) -> dict[str, Any]:
        """Wait until the newest call with `prompt` is as `holds` wants it, and return it."""

        async def found() -> dict[str, Any] | None:
            calls = await self.calls(prompt)
            return calls[-1] if calls and holds(calls[-1]) else None

        newest: dict[str, Any] = await eventually(found, what, seconds)
        return newest

    async def until_closed(self, prompt: str, seconds: float = 10.0) -> dict[str, Any]:
        closed = "the provider's connection closed"
        return await self.until(prompt, lambda call: call["closed_by_client"], closed, seconds)

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self._url}{path}", timeout=5) as answer:
            return json.load(answer)

    def _post(self, path: str) -> None:
        request = urllib.request.Request(f"{self._url}{path}", method="POST", data=b"")
        urllib.request.urlopen(request, timeout=5).close()


def last_message(call: dict[str, Any]) -> str:
    """Give the content of the last message of a chat request."""
    content: str = call["body"]["messages"][-1]["content"]
    return content


class Deployment:
    """A running evochat. `env` is what all its processes have in common."""

    def __init__(
        self, processes: Processes, evolution: Evolution, database: Database, env: dict[str, str]
    ) -> None:
        self.processes = processes
        self.evolution = evolution
        self.database = database
        self.env = env
        self.webs: list[WebProcess] = []
        self.runners: list[Process] = []

    def add_web(self, **env: str) -> WebProcess:
        number = len(self.webs) + 1
        self.webs.append(self.processes.serve(name=f"web{number}", env={**self.env, **env}))
        return self.webs[-1]

    def add_runner(self, **env: str) -> Process:
        number = len(self.runners) + 1
        self.runners.append(
            self.processes.run_generations(name=f"runner{number}", env={**self.env, **env})
        )
        return self.runners[-1]

    def sign_up(self, name: str) -> Person:
        return self.database.sign_up(name)

    @asynccontextmanager
    async def socket(self, person: Person, web: int = 0) -> AsyncIterator[Wire]:
        """Open a socket to one of the web processes and have its `session.ready`."""
        async with wire(self.webs[web].ws_url, person.cookie) as client:
            await client.until("session.ready")
            yield client


@contextmanager
def deployed(
    processes: Processes, database_url: str, blocker: DjangoDbBlocker, **env: str
) -> Iterator[Deployment]:
    """Start a provider and give a deployment to add processes to."""
    evolution = Evolution(processes)
    database = Database(database_url, blocker)
    common = {
        "DATABASE_URL": database_url,
        "DJANGO_SECRET_KEY": settings.SECRET_KEY,
        "EVOLUTION_BASE_URL": evolution.base_url,
        "EVOLUTION_API_KEY": "a-key-for-tests",
        "EVOLUTION_MODEL": "scripted/echo-1",
        "USER_MESSAGES_PER_MINUTE": "1000",
        **env,
    }
    try:
        yield Deployment(processes, evolution, database, common)
    finally:
        processes.stop_all()
        database.close()
