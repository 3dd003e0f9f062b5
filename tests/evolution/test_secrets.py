"""No key, secret or token ever gets into a log, an error, a traceback or a repr."""

import asyncio
import io
import logging
import traceback
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from chat.evolution import Provider, ProviderError
from chat.evolution.errors import DETAIL_CHARS_MAX
from chat.evolution.redaction import without
from scripted_evolution import ScriptedEvolution
from tests.evolution.asking import Answer, ask, provider_of, question

API_KEY = "canary-api-key-7d1f"
KEY_ID = "canary-key-id-93ab"
SECRET = "canary-secret-52c8"
CANARIES = (API_KEY, KEY_ID, SECRET, "canary", "iam-1", "iam-2", "iam-3")

log = logging.getLogger("somebody")

LOGGERS = ("", "openai", "httpx2", "httpcore", "aiohttp", "asyncio", "chat", "somebody")


@pytest.fixture
async def logs() -> AsyncIterator[io.StringIO]:
    """Give all that any logger says, at its most talkative, with the loop's own debugging."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    named = [logging.getLogger(name) for name in (*LOGGERS, *logging.root.manager.loggerDict)]
    before = [(logger, logger.level, logger.disabled) for logger in named]
    for logger in named:
        logger.setLevel(logging.DEBUG)
        logger.disabled = False
    logging.root.addHandler(handler)
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0
    yield written
    loop.set_debug(False)
    logging.root.removeHandler(handler)
    for logger, level, disabled in before:
        logger.setLevel(level)
        logger.disabled = disabled


@pytest.fixture(params=["api_key", "key_pair"])
async def provider(
    request: pytest.FixtureRequest, server: ScriptedEvolution
) -> AsyncIterator[Provider]:
    credentials: dict[str, Any] = {"key_id": KEY_ID, "secret": SECRET}
    if request.param == "api_key":
        credentials = {"api_key": API_KEY}
    made = provider_of(server, **credentials)
    yield made
    await made.aclose()


def everything_said(error: BaseException) -> Iterator[str]:
    """Yield what an error shows of itself and of those it came from, however it is looked at."""
    try:
        raise error
    except BaseException:
        log.exception("it failed: %r", error)
        yield traceback.format_exc()
    seen: BaseException | None = error
    while seen is not None:
        yield f"{seen} {seen!r} {seen.args} {getattr(seen, 'detail', '')}"
        seen = seen.__cause__ or seen.__context__


def assert_clean(text: str) -> None:
    assert [canary for canary in CANARIES if canary in text] == []


def assert_quoted_and_redacted(answer: Answer) -> None:
    assert answer.error is not None
    assert "[redacted]" in answer.error.detail


FAILURES = {
    "success": "chunks=3 rate=0",
    "unauthorized": "status=401 quote=1",
    "forbidden": "status=403 quote=1",
    "plain": "status=500 quote=1 shape=text",
    "flat": "status=500 quote=1 shape=flat",
    "detail": "status=422 quote=1 shape=detail",
    "in_stream": "fault=error_event quote=1 at=0",
    "after_text": "fault=error_event quote=1 at=2 rate=0",
    "garbage": "fault=garbage quote=1 at=0",
    "never": "fault=never",
    "reset": "fault=reset at=0",
    "eof": "fault=eof at=2 rate=0",
}


@pytest.mark.parametrize("name", FAILURES)
async def test_no_secret_is_said_whatever_the_answer(
    provider: Provider, logs: io.StringIO, name: str
) -> None:
    answer = await ask(provider, FAILURES[name])
    if "quote" in FAILURES[name]:
        assert_quoted_and_redacted(answer)
    for error in filter(None, [answer.error]):
        assert_clean("".join(everything_said(error)))
    assert_clean(logs.getvalue())
    assert "Sending HTTP Request" in logs.getvalue()
    assert "Executing <Handle" in logs.getvalue()


@pytest.mark.parametrize("directive", ["status=401 quote=1", "status=500 quote=1"])
async def test_no_secret_is_said_by_a_short_answer(
    provider: Provider, logs: io.StringIO, directive: str
) -> None:
    with pytest.raises(ProviderError) as caught:
        await provider.complete(question(directive))
    assert "[redacted]" in caught.value.detail
    assert_clean("".join(everything_said(caught.value)))
    assert_clean(logs.getvalue())


async def test_no_secret_is_said_when_nobody_listens(
    server: ScriptedEvolution, provider: Provider, logs: io.StringIO
) -> None:
    await server.stop()
    answer = await ask(provider, "chunks=1")
    assert answer.error is not None
    assert answer.error.detail.removeprefix("token exchange: ").startswith("no connection: ")
    with pytest.raises(ProviderError) as of_models:
        await provider.models()
    for error in (answer.error, of_models.value):
        assert_clean("".join(everything_said(error)))
    assert_clean(logs.getvalue())


@pytest.mark.parametrize("status", [400, 401, 403, 500])
async def test_no_secret_is_said_when_the_exchange_fails(
    server: ScriptedEvolution, logs: io.StringIO, status: int
) -> None:
    server.tokens.fail_with = status
    server.tokens.quotes = True
    provider = provider_of(server, key_id=KEY_ID, secret=SECRET)
    answer = await ask(provider, "chunks=1")
    assert_quoted_and_redacted(answer)
    assert answer.error is not None
    assert_clean("".join(everything_said(answer.error)))
    assert_clean(logs.getvalue())
    assert "IAM token exchange failed" in logs.getvalue()
    await provider.aclose()


async def test_no_secret_is_in_a_repr(provider: Provider) -> None:
    await ask(provider, "chunks=1 rate=0")
    tokens = provider._credentials._tokens
    token = tokens._token if tokens else None
    assert_clean(f"{provider} {vars(provider)} {provider._config!s} {tokens} {token}")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("it was hush-hush.", "it was [redacted]."),
        ("hush-hush hush-hush", "[redacted] [redacted]"),
        ("cut: hush-hus", "cut: [redacted]"),
        ("cut: hush", "cut: [redacted]"),
        ("cut: hus", "cut: hus"),
        ("hush, please", "hush, please"),
    ],
)
def test_a_secret_is_taken_out_also_where_it_is_cut(text: str, clean: str) -> None:
    assert without(text, ["hush-hush"]) == clean


def test_a_secret_at_the_end_of_a_trimmed_detail_is_taken_out() -> None:
    error = ProviderError("provider_unavailable", "x" * (DETAIL_CHARS_MAX - 9) + API_KEY)
    error.conceal([API_KEY])
    assert API_KEY[:4] not in f"{error} {error!r} {error.detail}"
