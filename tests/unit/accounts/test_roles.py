"""역할의 표: 위의 역할은 아래가 보는 것을 모두 본다."""

from __future__ import annotations

from accounts.roles import ROLE_PERMISSIONS, Role


def test_each_role_sees_what_the_one_below_sees() -> None:
    assert ROLE_PERMISSIONS[Role.VIEWER] <= ROLE_PERMISSIONS[Role.OPERATOR] <= ROLE_PERMISSIONS[Role.ADMIN]


def test_a_viewer_can_only_look() -> None:
    assert all(name.partition(".")[2].startswith("view_") for name in ROLE_PERMISSIONS[Role.VIEWER])


def test_nobody_may_change_or_delete_what_a_match_left() -> None:
    writes = {
        name
        for names in ROLE_PERMISSIONS.values()
        for name in names
        if name.startswith(("matches.", "players.")) and not name.partition(".")[2].startswith("view_")
    }
    assert not writes
