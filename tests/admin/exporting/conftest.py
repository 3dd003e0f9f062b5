"""Bob may take out everything."""

import pytest

from chat.models import User
from tests.admin.taking import ALL, exporter


@pytest.fixture
def bob(db: None) -> User:
    return exporter("bob", *ALL)
