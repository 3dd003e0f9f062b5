"""`manage.py demo_users`: someone to sign in as, right after the first start."""

import json
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chat.models import User

# No look-alikes: a person reads these off a terminal.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class Command(BaseCommand):
    help = "Make a demo user and an administrator if they are missing, and print their log-ins."

    def handle(self, *args: Any, **options: Any) -> None:
        passwords = _kept_passwords(settings.VAR_DIR / "demo_users.json")
        for username, is_admin in (("demo", False), ("admin", True)):
            _make(username, passwords[username], is_admin)
        self.stdout.write(f"sign in as       demo / {passwords['demo']}")
        self.stdout.write(f"administrator   admin / {passwords['admin']}   (at /admin/)")


def _kept_passwords(path: Path) -> dict[str, str]:
    if not path.exists():
        made = {name: _password() for name in ("demo", "admin")}
        path.touch(mode=0o600)
        path.write_text(json.dumps(made))
    passwords: dict[str, str] = json.loads(path.read_text())
    return passwords


def _password() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))


def _make(username: str, password: str, is_admin: bool) -> None:
    """Make the user; one that exists keeps the password it has now."""
    user, is_new = User.objects.get_or_create(
        username=username, defaults={"is_staff": is_admin, "is_superuser": is_admin}
    )
    if is_new:
        user.set_password(password)
        user.save(update_fields=["password"])
