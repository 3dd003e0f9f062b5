"""Write a conversation of many messages into the database of `DATABASE_URL` and print its id.

python -m benchmarks.long_conversation 1000
"""

import os
import sys

import django


def main(messages: int) -> None:
    """Give it to the first of the people."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evochat.settings")
    django.setup()
    from chat.models import User
    from tests.support.long_conversation import write

    print(write(User.objects.order_by("pk")[0].pk, messages))


if __name__ == "__main__":
    main(int(sys.argv[1]))
