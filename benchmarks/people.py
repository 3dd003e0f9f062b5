"""Make accounts in the database of `DATABASE_URL` and print the cookie of a session of each.

    python -m benchmarks.people 100

A process of its own, so that one run can measure several databases.
"""

import os
import string
import sys
from datetime import timedelta

import django

USERS_AT_ONCE = 500


def main(count: int) -> None:
    """Make `count` people; none has a password."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evochat.settings")
    django.setup()
    for cookie in sign_up(count):
        print(cookie)


def sign_up(count: int) -> list[str]:
    """Return a cookie for each of `count` new people."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.utils import timezone
    from django.utils.crypto import get_random_string

    from chat.models import User

    first = User.objects.count()
    people = [User(username=f"person{first + n}", password=f"!{n}") for n in range(count)]
    people = User.objects.bulk_create(people, USERS_AT_ONCE)
    expires = timezone.now() + timedelta(days=1)
    sessions = [
        Session(
            session_key=get_random_string(32, string.ascii_lowercase + string.digits),
            session_data=SessionStore().encode(
                {
                    SESSION_KEY: str(person.pk),
                    BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                    HASH_SESSION_KEY: person.get_session_auth_hash(),
                }
            ),
            expire_date=expires,
        )
        for person in people
    ]
    Session.objects.bulk_create(sessions, USERS_AT_ONCE)
    return [f"{settings.SESSION_COOKIE_NAME}={session.session_key}" for session in sessions]


if __name__ == "__main__":
    main(int(sys.argv[1]))
