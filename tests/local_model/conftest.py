"""A running local model and a provider of it."""

from collections.abc import AsyncIterator

import pytest

from chat.evolution import Provider, ProviderConfig
from local_model.demo import DemoModel


@pytest.fixture
async def local() -> AsyncIterator[DemoModel]:
    """Give a running local model."""
    model = await DemoModel.start()
    yield model
    await model.stop()


@pytest.fixture
async def provider(local: DemoModel) -> AsyncIterator[Provider]:
    made = Provider(ProviderConfig(local.base_url))
    yield made
    await made.aclose()
