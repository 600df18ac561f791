"""역할의 표: 위의 역할은 아래가 보는 것을 모두 본다."""

from __future__ import annotations

from accounts.permissions import StaffPermission
from accounts.roles import ROLE_PERMISSIONS, Role


def test_each_role_sees_what_the_one_below_sees() -> None:
    assert ROLE_PERMISSIONS[Role.VIEWER] <= ROLE_PERMISSIONS[Role.OPERATOR] <= ROLE_PERMISSIONS[Role.ADMIN]


def test_a_viewer_can_only_look() -> None:
    codes = {name.partition(".")[2] for name in ROLE_PERMISSIONS[Role.VIEWER]}
    assert {code for code in codes if not code.startswith("view_") and not code.endswith(":view")} == set()


def test_every_role_may_open_every_page_that_only_shows() -> None:
    pages = {permission.django_name for permission in StaffPermission if permission.endswith(":view")}
    assert all(pages <= names for names in ROLE_PERMISSIONS.values())


def test_nobody_may_change_or_delete_what_a_match_left() -> None:
    writes = {
        name
        for names in ROLE_PERMISSIONS.values()
        for name in names
        if name.startswith(("matches.", "players.")) and not name.partition(".")[2].startswith("view_")
    }
    assert not writes
