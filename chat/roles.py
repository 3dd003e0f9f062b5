"""Groups of staff with the rights of a role. Administrators are superusers."""

from __future__ import annotations

from typing import Any

from django.apps import apps as all_apps

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
