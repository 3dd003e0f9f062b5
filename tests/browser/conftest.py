"""A person at a real browser."""

import pytest

from tests.browser.person import Visitor
from tests.support.browser import BrowserSession
from tests.support.deployment import Deployment


@pytest.fixture
async def alice(browser: BrowserSession, chat: Deployment) -> Visitor:
    """Give a person at a desktop, signed in, with an empty chat in front of her."""
    return await Visitor.signed_in(browser, chat, "alice")
