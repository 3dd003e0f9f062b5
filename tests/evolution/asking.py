"""Ask a provider and keep everything that came back."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from chat.evolution import (
    ChatRequest,
    Delta,
    Finish,
    Provider,
    ProviderConfig,
    ProviderError,
    Retrying,
    StreamItem,
    Usage,
)
from scripted_evolution import ScriptedEvolution

MODEL = "scripted/echo-1"


@dataclass
class Answer:
    """The items of one stream and the error that ended it."""

    items: list[StreamItem] = field(default_factory=list)
    error: ProviderError | None = None

    @property
    def content(self) -> str:
        return self._text("content")

    @property
    def reasoning(self) -> str:
        return self._text("reasoning")

    @property
    def deltas(self) -> list[Delta]:
        return [item for item in self.items if isinstance(item, Delta)]

    @property
    def usage(self) -> Usage | None:
        return next((item for item in self.items if isinstance(item, Usage)), None)

    @property
    def retries(self) -> list[Retrying]:
        return [item for item in self.items if isinstance(item, Retrying)]

    @property
    def finish(self) -> str | None:
        last = self.items[-1] if self.items else None
        return last.reason if isinstance(last, Finish) else None

    @property
    def code(self) -> str | None:
        return self.error.code if self.error else None

    def _text(self, kind: str) -> str:
        return "".join(delta.text for delta in self.deltas if delta.kind == kind)


def provider_of(server: ScriptedEvolution, **settings: Any) -> Provider:
    """Return a provider of `server` whose time-outs are short and whose retries do not wait."""
    limits: dict[str, Any] = {"first_chunk_timeout_s": 0.5, "idle_timeout_s": 0.3}
    config = ProviderConfig(server.base_url, token_url=server.token_url, **(limits | settings))
    return Provider(config, sleep=no_sleep, jitter=lambda ceiling_s: ceiling_s)


async def no_sleep(seconds: float) -> None:
    """Do not wait."""


def question(directive: str, **parameters: Any) -> ChatRequest:
    """Return a request whose prompt holds `directive`."""
    return ChatRequest(MODEL, [{"role": "user", "content": f"hello [[{directive}]]"}], **parameters)


def words(count: int) -> str:
    """Return the text the scripted server answers with."""
    return "".join(f"w{number:04} " for number in range(1, count + 1))


async def collect(stream: AsyncGenerator[StreamItem, None]) -> Answer:
    """Read `stream` to its end."""
    answer = Answer()
    try:
        async for item in stream:
            answer.items.append(item)
    except ProviderError as error:
        answer.error = error
    return answer


async def ask(
    provider: Provider,
    directive: str,
    *,
    ready: Callable[[], Awaitable[None]] | None = None,
    **parameters: Any,
) -> Answer:
    """Ask with `directive` and read the answer to its end."""
    return await collect(provider.stream(question(directive, **parameters), ready=ready))
