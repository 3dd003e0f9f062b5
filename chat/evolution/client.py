"""The SDK's client: one for each provider, with nothing of its own decided by it.

A client costs about 70 ms to make, hence one. It gets no secret: each request brings its own.
"""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any

import httpx2
import openai
from openai import AsyncAPIResponse, AsyncOpenAI, Omit, RequestOptions

from chat.evolution.config import ProviderConfig
from chat.evolution.continuing import Way, messages_of
from chat.evolution.errors import ProviderError
from chat.evolution.items import ChatRequest
from chat.evolution.mapping import from_status

_Headers = dict[str, str | Omit]


class Client:
    """The three calls we make, answered with raw bytes.

    `errors()` is the context to await them in: it raises `ProviderError`.
    """

    def __init__(self, config: ProviderConfig, http: httpx2.AsyncClient) -> None:
        self._redact = config.redact
        self._sdk = AsyncOpenAI(
            base_url=config.base_url,
            api_key="given with each request",
            http_client=http,
            timeout=None,
            max_retries=0,
        )
        # The SDK imports its resources when they are first named; not in somebody's first answer.
        self._completions = self._sdk.chat.completions.with_streaming_response

    def stream(
        self, request: ChatRequest, way: Way, bearer: str | None
    ) -> AbstractAsyncContextManager[AsyncAPIResponse[Any]]:
        """Return the context of a streamed answer: entering sends, leaving closes."""
        # The SDK rewrites each message as if it held files; past it, a long conversation costs
        # no more than its JSON.
        return self._completions.create(
            messages=[],
            extra_body=messages_of(request, way),
            stream=True,
            stream_options={"include_usage": True},
            extra_headers=_headers(bearer),
            **_parameters(request),
        )

    async def complete(self, request: ChatRequest, bearer: str | None) -> bytes:
        """Return the body of an answer that is not streamed."""
        body = messages_of(request, "new") | _parameters(request)
        options: RequestOptions = {"headers": _headers(bearer)}
        with self.errors():
            response = await self._sdk.post(
                "/chat/completions", cast_to=httpx2.Response, body=body, options=options
            )
        return response.content

    async def models(self, bearer: str | None) -> bytes:
        """Return the body of the list of models."""
        options: RequestOptions = {"headers": _headers(bearer)}
        with self.errors():
            response = await self._sdk.get("/models", cast_to=httpx2.Response, options=options)
        return response.content

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Raise what the SDK and its transport raise as a `ProviderError`."""
        try:
            yield
        except openai.APIStatusError as error:
            text = self._redact(error.response.text)
            # Not chained: the SDK's message quotes the body, and so what it was sent.
            raise from_status(error.status_code, text, error.response.headers) from None
        except (openai.OpenAIError, httpx2.HTTPError) as error:
            words = error.__cause__ if isinstance(error, openai.OpenAIError) else error
            raise ProviderError("provider_unavailable", str(words or error)) from error


def _parameters(request: ChatRequest) -> dict[str, Any]:
    optional = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "max_tokens": request.max_tokens,
        "stop": request.stop or None,
    }
    given = {name: value for name, value in optional.items() if value is not None}
    return {"model": request.model, **given}


def _headers(bearer: str | None) -> _Headers:
    # Compression would hold chunks back on the way.
    return {
        "Authorization": f"Bearer {bearer}" if bearer else Omit(),
        "Accept-Encoding": "identity",
    }
