"""A person at a real browser."""

import pytest_asyncio

from tests.browser.person import Visitor
from tests.support.browser import BrowserSession
from tests.support.deployment import Deployment


@pytest_asyncio.fixture(loop_scope="session")
async def alice(browser: BrowserSession, chat: Deployment) -> Visitor:
    """Give a person at a desktop, signed in, with an empty chat in front of her."""
    return await Visitor.signed_in(browser, chat, "alice")
