"""The HTTP transport of the SDK's client: aiohttp, read as much at a time as has arrived.

The SDK brings an aiohttp transport of its own. Three things are done differently here: a read
returns all that is buffered, what was received before a connection broke is handed over before
the error (aiohttp raises first), and the cause of a broken connection stays visible.
"""

import math
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import lru_cache
from http import HTTPStatus
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx2
from yarl import URL

KEEP_ALIVE_S = 15
# The SDK reads the body of an error as a whole; of its words we keep a few hundred.
ERROR_BYTES_MAX = 64 * 1024


class AiohttpTransport(httpx2.AsyncBaseTransport):
    """One aiohttp session, opened by the first request (it needs the running loop).

    There is no limit of connections and no read time-out: who may start a stream and how long
    to wait for it are decided by the callers.
    """

    def __init__(self, connect_timeout_s: float) -> None:
        self._connect_timeout_s = connect_timeout_s
        # Look-up of the name, TCP and TLS; there is no pool to wait for.
        self._timeout = aiohttp.ClientTimeout(total=None, connect=connect_timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send `request` and return once the headers are there; a cancel closes the connection."""
        with _translated_errors(self._connect_timeout_s):
            response = await self._open_session().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=request.content or None,
                allow_redirects=False,
                proxy=_proxy(request.url.scheme, request.url.host),
            )
        limit = ERROR_BYTES_MAX if response.status >= HTTPStatus.BAD_REQUEST else math.inf
        return httpx2.Response(
            response.status, headers=list(response.raw_headers), stream=_Body(response, limit)
        )

    async def aclose(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                auto_decompress=False,
            )
        return self._session


class _Body(httpx2.AsyncByteStream):
    """The body of a response, one item for each read, to its end or a little past `limit` bytes."""

    def __init__(self, response: aiohttp.ClientResponse, limit: float) -> None:
        self._response = response
        self._left = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        content = self._response.content
        with _translated_errors():
            try:
                while self._left > 0 and (data := await content.readany()):
                    self._left -= len(data)
                    with self._paused():
                        yield data
            except (aiohttp.ClientError, OSError):
                if tail := _received(content):
                    yield tail
                raise

    @contextmanager
    def _paused(self) -> Iterator[None]:
        """Leave what comes in the system's buffer until the caller wants more.

        One wake-up of the loop for each window in place of one for each packet: a third of the
        CPU. After the end there is no connection here: it may serve another request by now.
        """
        connection = self._response.connection
        transport = connection.transport if connection is not None else None
        if transport is None:
            yield
            return
        transport.pause_reading()
        try:
            yield
        finally:
            transport.resume_reading()

    async def aclose(self) -> None:
        # Harmless after the end: the connection is back in the pool by then.
        self._response.close()


def server_hung_up(error: BaseException) -> bool:
    """Return whether `error` comes from a connection the server closed before it answered.

    Typically a kept-alive connection that the server had given up: llama.cpp closes after each
    stream though it announces keep-alive.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, aiohttp.ServerDisconnectedError | ConnectionResetError):
            return True
        if isinstance(cause, aiohttp.ClientPayloadError):
            return False
        cause = cause.__cause__
    return False


@lru_cache
def _proxy(scheme: str, host: str) -> str | None:
    """Return the proxy that the environment names for `host`.

    aiohttp's `trust_env` would ask for it, and for a .netrc, in two threads on every request.
    """
    return None if proxy_bypass(host) else getproxies().get(scheme)


def _received(content: aiohttp.StreamReader) -> bytes:
    """Return the bytes that arrived before the connection broke.

    A reader with an exception set raises it even though it holds data, hence the reset.
    """
    content.set_exception(None)  # type: ignore[arg-type]
    return content.read_nowait()


@contextmanager
def _translated_errors(connect_timeout_s: float = 0.0) -> Iterator[None]:
    """Raise aiohttp's errors as the ones the SDK knows, with the original as their cause."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise httpx2.ConnectTimeout(f"no connection within {connect_timeout_s:g} s") from error
    except aiohttp.ClientConnectorError as error:
        raise httpx2.ConnectError(f"no connection: {error}") from error
    except aiohttp.InvalidURL as error:
        raise httpx2.UnsupportedProtocol(f"not a URL: {error}") from error
    except (aiohttp.ClientError, OSError) as error:
        raise httpx2.ReadError(f"connection lost: {error}") from error
