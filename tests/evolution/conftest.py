"""A scripted server and providers that talk to it."""

from collections.abc import AsyncIterator

import pytest

from chat.evolution import Provider
from scripted_evolution import ScriptedEvolution
from tests.evolution.asking import provider_of


@pytest.fixture
async def server() -> AsyncIterator[ScriptedEvolution]:
    """Give a scripted server of this test's own."""
    scripted = ScriptedEvolution()
    await scripted.start()
    yield scripted
    await scripted.stop()


@pytest.fixture
async def provider(server: ScriptedEvolution) -> AsyncIterator[Provider]:
    """Give a provider with short time-outs and no delay between its attempts."""
    made = provider_of(server)
    yield made
    await made.aclose()
