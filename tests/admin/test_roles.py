"""`manage.py roles`: groups made by an earlier version get the rights that are new, and lose none unasked."""

from __future__ import annotations

import io

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from chat.checks import check_roles
from chat.roles import ROLES

pytestmark = pytest.mark.django_db


def roles(*arguments: str) -> str:
    said = io.StringIO()
    call_command("roles", *arguments, stdout=said)
    return said.getvalue()


def checked() -> tuple[str, object]:
    said = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("roles", "--check", stdout=said)
    return said.getvalue(), ended.value.code


def rights(group: str) -> set[str]:
    return set(Group.objects.get(name=group).permissions.values_list("codename", flat=True))


def change_groups() -> None:
    """Leave the reviewers without what came later, the operators with more, and no auditors."""
    reviewer, operator = (Group.objects.get(name=name) for name in ("reviewer", "operator"))
    reviewer.permissions.remove(*Permission.objects.filter(codename__endswith="_review"))
    operator.permissions.add(Permission.objects.get(codename="export_record"))
    Group.objects.get(name="auditor").delete()


def test_groups_that_are_as_they_should_be_stay_so() -> None:
    said, code = checked()

    assert said.splitlines() == [f"{name}: as it should be" for name in ROLES]
    assert not code
    assert roles() == said


def test_a_check_says_what_differs_and_changes_nothing() -> None:
    change_groups()
    said, code = checked()

    assert said.splitlines() == [
        "reviewer:",
        "  missing: chat.change_review",
        "  missing: chat.view_review",
        "auditor:",
        "  the group is not there",
        "  missing: chat.view_access",
        "  missing: chat.view_figures",
        "operator:",
        "  beyond the role, left: chat.export_record",
    ]
    assert code
    assert (checked()[0], Group.objects.count()) == (said, 2)


def test_what_is_missing_is_added_and_nothing_is_taken_away() -> None:
    change_groups()
    other = Group.objects.create(name="readers")
    said = roles()

    assert "  added: chat.view_review" in said.splitlines()
    assert rights("reviewer") == set(ROLES["reviewer"])
    assert rights("auditor") == set(ROLES["auditor"])
    assert rights("operator") == {*ROLES["operator"], "export_record"}
    assert not other.permissions.exists()
    assert not checked()[1]


def test_a_reset_leaves_just_the_rights_of_the_role() -> None:
    change_groups()
    said = roles("--reset")

    assert "  taken away: chat.export_record" in said.splitlines()
    assert {name: rights(name) for name in ROLES} == {name: set(ROLES[name]) for name in ROLES}


def test_a_right_that_is_not_there_yet_asks_for_a_migrate() -> None:
    Permission.objects.get(codename="view_figures").delete()

    with pytest.raises(CommandError, match=r"no right chat\.view_figures: run"):
        roles()


def test_migrate_says_which_groups_lack_a_right() -> None:
    assert check_roles(databases=["default"]) == []
    change_groups()
    (found,) = check_roles(databases=["default"])

    assert found.msg == "The group reviewer lacks chat.change_review, chat.view_review."
    assert check_roles() == []
