import pytest

from chat.models import Conversation, User
from tests.admin.staff import conversation_of


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def conversation(alice: User) -> Conversation:
    return conversation_of(alice)
