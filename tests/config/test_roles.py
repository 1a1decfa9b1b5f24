"""The table of roles becomes groups, and only what it says."""

import pytest
from django.contrib.auth.models import Group, Permission

from config.roles import ROLES, UnknownPermission, install

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_exactly_what_the_table_says(role: str) -> None:
    held = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
    assert {f"{app}.{codename}" for app, codename in held} == ROLES[role]


def test_what_was_added_by_hand_is_taken_back() -> None:
    support = Group.objects.get(name="support")
    support.permissions.add(Permission.objects.get(codename="publish_plan"))
    install()
    assert not support.permissions.filter(codename="publish_plan").exists()


def test_a_permission_nobody_declares_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.roles.ROLES", {"finance": frozenset({"catalog.fly"})})
    with pytest.raises(UnknownPermission, match=r"catalog\.fly"):
        install()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("entitlements.grant_override", "entitlements.approve_concession"),
        ("journal.manage_staff", "catalog.publish_plan"),
        ("journal.issue_api_key", "entitlements.grant_override"),
    ],
)
def test_no_role_holds_both_ends_of_four_eyes(one: str, other: str) -> None:
    assert not [role for role, held in ROLES.items() if one in held and other in held]
