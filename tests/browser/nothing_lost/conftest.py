"""Someone who reaches the chat over a link that can fail."""

from collections.abc import Iterator

import pytest
import pytest_asyncio

from tests.browser.person import Visitor
from tests.support.browser import BrowserSession
from tests.support.deployment import Deployment
from tests.support.proxy import Proxy


@pytest.fixture
def link(chat: Deployment) -> Iterator[Proxy]:
    """Give a link to the web process that can be made to fail."""
    proxy = Proxy(chat.webs[0].port).start()
    yield proxy
    proxy.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def alice(browser: BrowserSession, chat: Deployment, link: Proxy) -> Visitor:
    """Give a person at a desktop, signed in, who reaches the chat over the link."""
    url = f"http://127.0.0.1:{link.port}"
    return await Visitor.signed_in(browser, chat, "alice", url=url)
