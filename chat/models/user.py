from datetime import datetime

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person who chats, or who reviews chats. Ours from the first migration, so it can grow."""

    # The database's time when the row was locked (chat/conversations/submit.py).
    now: datetime
