"""Groups of staff with the rights of a role. Administrators are superusers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps as all_apps
from django.db import transaction

ROLES = {
    "reviewer": (
        "view_conversation",
        "view_message",
        "view_generation",
        "view_review",
        "change_review",
    ),
    "auditor": ("view_access", "view_figures"),
    # Sees what runs, its numbers and titles, stops it, and limits who asks for too much; not what was said.
    "operator": (
        "view_conversation",
        "view_generation",
        "stop_generation",
        "view_figures",
        "view_userlimits",
        "add_userlimits",
        "change_userlimits",
        "delete_userlimits",
    ),
}


def make_after_migrate(using: str, apps: Any = all_apps, **_: Any) -> None:
    """Make the groups that are not there. One that is stays as administrators have it.

    `apps`: those of the last migration; `flush` says the same signal without them.
    """
    try:
        groups = apps.get_model("auth", "Group").objects.using(using)
        permissions = apps.get_model("auth", "Permission").objects.using(using)
    except LookupError:  # not migrated yet
        return
    for name, codenames in ROLES.items():
        rights = permissions.filter(content_type__app_label="chat", codename__in=codenames)
        if len(rights) == len(codenames) and not groups.filter(name=name).exists():
            groups.create(name=name).permissions.set(rights)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a group stands to its role: rights it lacks, and those of any app it has beyond it, as `app.codename`."""

    role: str
    is_there: bool
    missing: tuple[str, ...]
    beyond: tuple[str, ...]


def standings() -> list[Standing]:
    """Compare each group with its role, as it is in this version."""
    return [_standing(role, {f"chat.{name}" for name in rights}) for role, rights in ROLES.items()]


def fill(standing: Standing) -> None:
    """Give the group of a role what it lacks, and make it if it is not there; nothing is taken from it."""
    with transaction.atomic():
        group, _ = _groups().get_or_create(name=standing.role)
        group.permissions.add(*_permissions(standing.missing))


def trim(standing: Standing) -> None:
    """Take from the group of a role what it has beyond it."""
    with transaction.atomic():
        group = _groups().get(name=standing.role)
        group.permissions.remove(*_permissions(standing.beyond))


def _standing(role: str, wanted: set[str]) -> Standing:
    group = _groups().filter(name=role).first()
    rights = group.permissions.select_related("content_type") if group else ()
    has = {f"{right.content_type.app_label}.{right.codename}" for right in rights}
    return Standing(
        role, group is not None, tuple(sorted(wanted - has)), tuple(sorted(has - wanted))
    )


def _permissions(names: tuple[str, ...]) -> list[Any]:
    """Find rights by `app.codename`. Raises `LookupError` for one that only a `migrate` makes."""
    found = []
    permissions = all_apps.get_model("auth", "Permission").objects
    for name in names:
        app, codename = name.split(".", 1)
        rights = list(permissions.filter(content_type__app_label=app, codename=codename))
        if not rights:
            raise LookupError(name)
        found += rights
    return found


def _groups() -> Any:
    return all_apps.get_model("auth", "Group").objects
