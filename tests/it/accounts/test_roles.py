"""마이그레이션이 끝나면 권한의 행과 역할의 그룹이 표와 같다."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission

from accounts.models import Staff
from accounts.permissions import StaffPermission
from accounts.roles import ROLE_PERMISSIONS, UnknownPermission, ensure_roles

pytestmark = pytest.mark.django_db


def _rows() -> set[str]:
    held = Permission.objects.filter(content_type__app_label="accounts", content_type__model="staff")
    return set(held.values_list("codename", flat=True))


def test_every_permission_of_the_enum_has_its_row_after_migrate() -> None:
    assert set(StaffPermission) <= _rows()
    assert not Staff._meta.permissions


def test_a_new_permission_needs_no_migration_and_a_second_run_changes_nothing() -> None:
    Permission.objects.filter(codename=StaffPermission.QUEUE_VIEW).delete()
    ensure_roles()
    made = set(Permission.objects.values_list("id", "codename"))
    assert StaffPermission.QUEUE_VIEW in _rows()
    ensure_roles()
    assert set(Permission.objects.values_list("id", "codename")) == made
    for role, names in ROLE_PERMISSIONS.items():
        held = Group.objects.get(name=role).permissions.select_related("content_type")
        assert {f"{each.content_type.app_label}.{each.codename}" for each in held} == names


def test_a_role_with_a_permission_that_does_not_exist_is_told() -> None:
    Permission.objects.filter(codename="view_roll").delete()
    with pytest.raises(UnknownPermission, match=r"fleet\.view_roll"):
        ensure_roles()
