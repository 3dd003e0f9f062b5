"""What is measured, each a process of its own on 127.0.0.1, and how a client speaks to it."""

import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import psutil
from websockets.frames import Frame, Opcode

from benchmarks.evolution import MODEL, Evolution
from benchmarks.line import Line, connect
from tests.support.environment import clean_environment
from tests.support.paths import ROOT
from tests.support.postgres import PostgresServer
from tests.support.processes import Processes
from tests.support.redis import RedisServer
from tests.support.waiting import free_port

SECRET_KEY = "for the benchmarks alone, 50 characters and more of it"
# So that nothing of what is measured waits for its turn.
UNLIMITED = {
    "EVOLUTION_MAX_PARALLEL": "1000",
    "USER_MAX_GENERATIONS": "1000",
    "USER_MAX_QUEUED": "1000",
    "USER_MESSAGES_PER_MINUTE": "1000000",
}


@dataclass(frozen=True)
class System:
    """A running server, and its clients' bytes.

    `request(prompt)` asks it; `end` is in the answer's last bytes. `hello(number)` is what client
    `number` says first, if anything, and `ready` is in the reply to that.
    """

    name: str
    process: psutil.Process
    port: int
    request: Callable[[str], bytes]
    end: bytes
    hello: Callable[[int], bytes] | None = None
    ready: bytes = b""

    async def open(self, count: int) -> list[Line]:
        """Connect `count` clients, one after the other."""
        return [await self.open_one(number) for number in range(count)]

    async def open_one(self, number: int) -> Line:
        """Connect client `number` and have it greeted."""
        line = await connect(self.port)
        if self.hello is not None:
            await line.ask(self.hello(number), self.ready)
        return line


class Stage:
    """Starts systems on one provider and stops them all at the end."""

    def __init__(self, processes: Processes, directory: Path) -> None:
        self._processes = processes
        self._directory = directory
        self._postgres: PostgresServer | None = None
        self._redis: RedisServer | None = None
        self._envs: dict[System, dict[str, str]] = {}
        self.cookies: dict[System, list[str]] = {}
        self.evolution = Evolution(processes)
        self._env = {
            "EVOLUTION_BASE_URL": self.evolution.base_url,
            "EVOLUTION_API_KEY": "a-key",
            "EVOLUTION_MODEL": MODEL,
            # A second call for each new conversation is no part of what is compared.
            "EVOLUTION_TITLES": "0",
        }

    @property
    def redis(self) -> RedisServer:
        """The Redis-protocol server, started when it is first needed."""
        if self._redis is None:
            self._redis = RedisServer(self._directory / "redis.log")
            self._redis.start()
        return self._redis

    def close(self) -> None:
        """Stop what `Processes` does not know of."""
        if self._postgres is not None:
            self._postgres.remove()
        if self._redis is not None:
            self._redis.stop()

    def direct(self) -> System:
        """Give the provider itself."""
        evolution = self.evolution
        return System("provider", evolution.process, evolution.port, _completion, b"[DONE]")

    def seed(self) -> System:
        """Start the seed's FastAPI example, as uvicorn runs it by default."""
        port = free_port()
        command = ["-m", "uvicorn", "benchmarks.seed_example:app", "--no-access-log"]
        started = self._processes.start(
            sys.executable, *command, "--port", str(port), name="seed", env=self._env
        )
        started.wait_for_port(port)
        process = psutil.Process(started.pid)
        return System("seed example", process, port, _seed_request, b'"done": true')

    def group_send(self, layer: str) -> System:
        """Start the `group_send` example on the `core` or the `pubsub` layer."""
        backends = {"core": "core.RedisChannelLayer", "pubsub": "pubsub.RedisPubSubChannelLayer"}
        port = free_port()
        env = {
            **self._env,
            "CHANNEL_LAYER": f"channels_redis.{backends[layer]}",
            "REDIS_URL": self.redis.url,
        }
        command = ["-m", "daphne", "benchmarks.group_send_example:application", "-v", "0"]
        started = self._processes.start(
            sys.executable, *command, "-p", str(port), name="group_send", env=env
        )
        started.wait_for_port(port)
        return System(
            name=f"group_send ({layer})",
            process=psutil.Process(started.pid),
            port=port,
            request=lambda prompt: frame(message=prompt),
            end=b'"done": true',
            hello=lambda number: _handshake(port),
            ready=b"\r\n\r\n",
        )

    def evochat(self, database: str, people: int, **env: str) -> System:
        """Start evochat as `manage.py serve` does, with `people` that have a session.

        `database` is `sqlite` or `postgres`; `env` as in docs/protocol.md. With `GENERATE_IN`
        `worker` a runner is started beside it.
        """
        env = self._env | UNLIMITED | {"DATABASE_URL": self._database(database)} | env
        env |= {"DJANGO_SECRET_KEY": SECRET_KEY, "DJANGO_INSECURE_HTTP": "1"}
        _run("manage.py", "migrate", "--noinput", "--verbosity", "0", env=env)
        cookies = _run("-m", "benchmarks.people", str(people), env=env).split("\n")
        web = self._processes.serve(name="evochat", env=env)
        if env.get("GENERATE_IN") == "worker":
            self._processes.run_generations(env=env)
        system = System(
            name=f"evochat ({database})",
            process=psutil.Process(web.pid),
            port=web.port,
            request=_send_message,
            end=b'"generation.completed"',
            hello=lambda number: _handshake(web.port, cookies[number % people]),
            ready=b'"session.ready"',
        )
        self._envs[system], self.cookies[system] = env, cookies
        return system

    def run_in(self, system: System, *arguments: str) -> str:
        """Run Python in the environment of an evochat of this stage; return what it prints."""
        return _run(*arguments, env=self._envs[system])

    def _database(self, kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{self._directory / uuid.uuid4().hex}.sqlite3"
        if self._postgres is None:
            self._postgres = PostgresServer(self._directory / "postgres.log")
            self._postgres.start()
        return self._postgres.database_url(self._postgres.create_database())


@contextmanager
def stage() -> Iterator[Stage]:
    """Give a stage; whatever runs on it is stopped, and its files are removed, at the end."""
    with (
        TemporaryDirectory(prefix="evochat-bench-") as directory,
        Processes(Path(directory)) as processes,
    ):
        built = Stage(processes, Path(directory))
        try:
            yield built
        finally:
            processes.stop_all()
            built.close()


def _send_message(prompt: str) -> bytes:
    message = str(uuid.uuid4())
    return frame(type="message.send", message=message, content=prompt, conversation=None)


def frame(**fields: object) -> bytes:
    """Return a JSON text frame as a browser sends it."""
    return Frame(Opcode.TEXT, json.dumps(fields).encode()).serialize(mask=True)


def _handshake(port: int, cookie: str = "") -> bytes:
    lines = [
        "GET /ws/chat/ HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Origin: http://127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version: 13",
        f"Cookie: {cookie}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def _seed_request(prompt: str) -> bytes:
    return f"GET /stream?message={quote(prompt)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def _completion(prompt: str) -> bytes:
    message = {"role": "user", "content": prompt}
    body = json.dumps({"model": MODEL, "messages": [message], "stream": True}).encode()
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json"
    return f"{head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _run(*arguments: str, env: dict[str, str]) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=clean_environment(env), check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.strip()
