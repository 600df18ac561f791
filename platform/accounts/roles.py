"""직원의 세 역할과 권한의 표. 권한의 행과 그룹은 이 표에서 만들어지며 몇 번을 돌려도 같다.

권한 이름은 Django의 `앱.코드`다. 표에 없는 권한은 역할에서 빠진다.
"""

from __future__ import annotations

from enum import StrEnum

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from accounts.models import Staff
from accounts.permissions import StaffPermission

_SEE_OPS = frozenset(
    {
        StaffPermission.DASHBOARD_VIEW.django_name,
        StaffPermission.SERVER_VIEW.django_name,
        StaffPermission.QUEUE_VIEW.django_name,
        StaffPermission.MATCH_VIEW.django_name,
        StaffPermission.PLAYER_VIEW.django_name,
    }
)
_SEE_GAME = _SEE_OPS | frozenset(
    {
        "fleet.view_drainintent",
        "fleet.view_liveserver",
        "fleet.view_roll",
        "fleet.view_serverscope",
        "players.view_player",
        "matches.view_matchresult",
        "matches.view_ratingchange",
        "matches.view_rating",
    }
)
_OPERATE = frozenset({StaffPermission.SERVER_OPERATE.django_name, "audit.view_auditrecord"})
_MANAGE_STAFF = frozenset(
    {"accounts.view_staff", "accounts.add_staff", "accounts.change_staff", "auth.view_group"}
)


class Role(StrEnum):
    """역할은 그룹의 이름이다."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


ROLE_PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.VIEWER: _SEE_GAME,
    Role.OPERATOR: _SEE_GAME | _OPERATE,
    Role.ADMIN: _SEE_GAME | _OPERATE | _MANAGE_STAFF,
}


class UnknownPermission(Exception):
    """표가 없는 권한을 말한다. 모델 이름이 바뀌었거나 마이그레이션이 덜 되었다."""


@transaction.atomic
def ensure_roles() -> None:
    """운영 화면의 권한과 그룹을 표와 같게 만든다. 모든 앱의 권한이 만들어진 뒤에 부른다.

    Raises:
        UnknownPermission: 표의 권한이 데이터베이스에 없다.
    """
    _ensure_staff_permissions()
    wanted = frozenset().union(*ROLE_PERMISSIONS.values())
    by_name = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type").filter(
            codename__in={name.partition(".")[2] for name in wanted}
        )
    }
    if missing := wanted - by_name.keys():
        raise UnknownPermission(", ".join(sorted(missing)))
    for role, names in ROLE_PERMISSIONS.items():
        group, _ = Group.objects.get_or_create(name=role.value)
        group.permissions.set(by_name[name] for name in names)


def _ensure_staff_permissions() -> None:
    holder = ContentType.objects.get_for_model(Staff)
    for permission in StaffPermission:
        Permission.objects.get_or_create(
            content_type=holder, codename=permission.value, defaults={"name": str(permission.label)}
        )
