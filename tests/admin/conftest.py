import pytest
from django.test import Client

from chat.models import Conversation, User
from tests.admin.people import People, allow
from tests.admin.staff import conversation_of, signed_in, staff


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def conversation(alice: User) -> Conversation:
    return conversation_of(alice)


@pytest.fixture
def bob(db: None) -> User:
    """Someone who reviews what was said."""
    return staff("bob", "conversation", "message", "generation")


@pytest.fixture
def client(bob: User) -> Client:
    """Give the browser of bob."""
    return signed_in(bob)


@pytest.fixture
def people(db: None) -> People:
    bob = User.objects.create_user("bob", is_staff=True)
    allow(bob, "conversation", "message", "generation")
    return People(
        alice=User.objects.create_user("alice"),
        bob=bob,
        charlie=User.objects.create_user("charlie", is_staff=True),
        root=User.objects.create_superuser("root"),
    )
