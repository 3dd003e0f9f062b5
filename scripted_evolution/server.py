"""The server: chat completions, models, the token exchange and a few controls."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from aiohttp import web

from scripted_evolution.asked import read
from scripted_evolution.directives import BadDirectiveError
from scripted_evolution.failures import FailureCounter, failure
from scripted_evolution.faults import FAULTS_OF_RESPONSE
from scripted_evolution.player import Player
from scripted_evolution.records import AuthorizationKind, Record
from scripted_evolution.script import Script, write
from scripted_evolution.tokens import TokenDesk
from scripted_evolution.wire import ChunkWriter, completion, error

MODELS = ("scripted/echo-1", "scripted/echo-2")
CONTEXT_LENGTH = 32_768
REQUEST_BYTES_MAX = 64 * 1024 * 1024


class ScriptedEvolution:
    """The scripted server inside this process.

    `requests` lists what clients asked, in order. `tokens` is the IAM side: its attributes say
    how long a token lives and whether the exchange fails.
    """

    def __init__(self) -> None:
        self.requests: list[Record] = []
        self.tokens = TokenDesk()
        self._peers: set[object] = set()
        self._ids = itertools.count(1)
        self._failures = FailureCounter()
        self._held: asyncio.Event = asyncio.Event()
        self._watchers: set[asyncio.Event] = set()
        self._runner: web.AppRunner | None = None
        self._stopping = False
        self._root = ""

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one. Raises OSError when the port is taken."""
        # A client that leaves must be seen at once, hence handler_cancellation.
        self._runner = web.AppRunner(
            self._app(), handler_cancellation=True, access_log=None, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, backlog=1024)
        await site.start()
        bound = self._runner.addresses[0]
        self._root = f"http://{host}:{bound[1]}"

    @property
    def base_url(self) -> str:
        """The OpenAI-compatible root, ending in `/v1`."""
        return f"{self._root}/v1"

    @property
    def token_url(self) -> str:
        """The URL of the token exchange."""
        return f"{self._root}/api/v1/auth/token"

    @property
    def connections(self) -> int:
        """The number of connections that have carried a request."""
        return len(self._peers)

    async def wait_for(
        self, predicate: Callable[[Record], bool], *, timeout_s: float | None = 10
    ) -> Record:
        """Return the first request that satisfies `predicate`, now or as soon as one does.

        Raises TimeoutError after `timeout_s` seconds (None: waits for ever).
        """
        changed = asyncio.Event()
        self._watchers.add(changed)
        try:
            async with asyncio.timeout(timeout_s):
                while (found := next(filter(predicate, self.requests), None)) is None:
                    changed.clear()
                    await changed.wait()
                return found
        finally:
            self._watchers.discard(changed)

    async def release(self) -> None:
        """Let every answer go on that is held now (`hold=K`)."""
        held, self._held = self._held, asyncio.Event()
        held.set()

    def reset(self) -> None:
        """Forget the requests, the counted failures and the tokens."""
        self.requests.clear()
        self._failures = FailureCounter()
        self.tokens = TokenDesk()

    async def stop(self) -> None:
        """Drop every connection and stop listening."""
        self._stopping = True
        if self._runner is not None:
            await self._runner.cleanup()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=REQUEST_BYTES_MAX)
        app.router.add_post("/v1/chat/completions", self._recorded(self._chat))
        app.router.add_get("/v1/models", self._recorded(self._models))
        app.router.add_post("/api/v1/auth/token", self._recorded(self._token))
        app.router.add_get("/control/requests", self._control_requests)
        app.router.add_post("/control/release", self._control_release)
        app.router.add_post("/control/reset", self._control_reset)
        return app

    def _recorded(
        self, handler: Callable[[web.Request, Record], Awaitable[web.StreamResponse]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def recorded(request: web.Request) -> web.StreamResponse:
            record = await self._record(request)
            try:
                return await handler(request, record)
            except (asyncio.CancelledError, ConnectionError):
                record.closed_by_client = not self._stopping
                raise
            finally:
                record.ended_at = time.time()
                self._changed()

        return recorded

    async def _record(self, request: web.Request) -> Record:
        if request.transport is not None:
            self._peers.add(request.transport.get_extra_info("peername"))
        body = await request.json() if request.can_read_body else None
        record = Record(
            id=next(self._ids),
            path=request.path,
            model=body.get("model") if isinstance(body, dict) else None,
            body=body,
            started_at=time.time(),
            authorization_kind=_authorization_kind(request),
        )
        self.requests.append(record)
        self._changed()
        return record

    async def _chat(self, request: web.Request, record: Record) -> web.StreamResponse:
        if self.tokens.refuses(request.headers.get("Authorization", "")):
            return web.json_response(error("invalid credentials", "invalid_api_key"), status=401)
        if record.model not in MODELS:
            message = f"The model `{record.model}` does not exist"
            return web.json_response(error(message, "model_not_found"), status=404)
        try:
            script = write(record.body)
        except BadDirectiveError as problem:
            return web.json_response(error(str(problem), "bad_directive"), status=400)
        return await self._answer(request, record, script)

    async def _answer(
        self, request: web.Request, record: Record, script: Script
    ) -> web.StreamResponse:
        directive = script.directive
        asked = read(record.body)
        if asked.behind_prefix and not directive.prefix:
            message = "the last message must not be the assistant's"
            return web.json_response(error(message, "invalid_request"), status=400)
        if (directive.status or directive.fault) and not self._failures.is_due(
            asked.prompt, directive.times
        ):
            script.directive = directive = msgspec.structs.replace(
                directive, status=None, fault=None
            )
        if directive.status:
            return failure(directive, directive.status, request)
        if directive.fault in FAULTS_OF_RESPONSE:
            return await FAULTS_OF_RESPONSE[directive.fault]()
        answer_id = f"chatcmpl-scripted-{record.id}"
        if not record.body.get("stream"):
            record.finished = True
            return web.json_response(completion(answer_id, str(record.model), script))
        return await self._stream(request, record, script, answer_id)

    async def _stream(
        self, request: web.Request, record: Record, script: Script, answer_id: str
    ) -> web.StreamResponse:
        options = record.body.get("stream_options") or {}
        player = Player(
            script,
            record,
            ChunkWriter(answer_id, str(record.model)),
            with_usage=bool(options.get("include_usage")),
            release=self._wait_release,
            changed=self._changed,
        )
        return await player.play(request)

    async def _wait_release(self) -> None:
        await self._held.wait()

    async def _models(self, request: web.Request, record: Record) -> web.StreamResponse:
        if self.tokens.refuses(request.headers.get("Authorization", "")):
            return web.json_response(error("invalid credentials", "invalid_api_key"), status=401)
        data = [_model(model_id) for model_id in MODELS]
        return web.json_response({"object": "list", "data": data})

    async def _token(self, request: web.Request, record: Record) -> web.StreamResponse:
        body, record.body = record.body, {"keyId": record.body.get("keyId")}
        status, answer = self.tokens.exchange(body)
        return web.json_response(answer, status=status)

    async def _control_requests(self, request: web.Request) -> web.Response:
        return web.Response(
            body=msgspec.json.encode(self.requests), content_type="application/json"
        )

    async def _control_release(self, request: web.Request) -> web.Response:
        await self.release()
        return web.json_response({})

    async def _control_reset(self, request: web.Request) -> web.Response:
        self.reset()
        return web.json_response({})

    def _changed(self) -> None:
        for watcher in self._watchers:
            watcher.set()


def _authorization_kind(request: web.Request) -> AuthorizationKind:
    header = request.headers.get("Authorization")
    if not header:
        return "none"
    return "iam" if header.startswith("Bearer iam-") else "api_key"


def _model(model_id: str) -> dict[str, Any]:
    return {
        "id": model_id,
        "object": "model",
        "owned_by": "scripted",
        "context_length": CONTEXT_LENGTH,
        "reasoning": False,
        "metadata": {"prompt_tokens_cost": 10, "generated_tokens_cost": 20},
    }
