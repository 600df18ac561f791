"""직원이 할 수 있는 일의 이름. 문법은 `갈래.대상:동작`이고, 화면과 소켓은 이 이름으로만 묻는다.

Django의 권한 행은 `manage.py migrate`의 끝에 만들어진다: 새 권한에 마이그레이션이 들지 않는다.
누가 무엇을 갖는지는 accounts.roles가 정한다.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class StaffPermission(StrEnum):
    """운영 화면의 권한."""

    DASHBOARD_VIEW = "ops.dashboard:view"
    SERVER_VIEW = "fleet.server:view"
    SERVER_OPERATE = "fleet.server:operate"
    QUEUE_VIEW = "matchmaking.queue:view"
    MATCH_VIEW = "matches.match:view"
    PLAYER_VIEW = "players.player:view"

    @property
    def label(self) -> _StrPromise:
        """관리 화면에 보이는 이름."""
        return _LABELS[self]

    @property
    def django_name(self) -> str:
        """`has_perm`에 넘기는 이름."""
        return f"accounts.{self.value}"


_LABELS = {
    StaffPermission.DASHBOARD_VIEW: pgettext_lazy("permission", "대시보드를 본다"),
    StaffPermission.SERVER_VIEW: pgettext_lazy("permission", "서버를 본다"),
    StaffPermission.SERVER_OPERATE: pgettext_lazy("permission", "서버를 드레인하고 갈아 끼운다"),
    StaffPermission.QUEUE_VIEW: pgettext_lazy("permission", "대기열을 본다"),
    StaffPermission.MATCH_VIEW: pgettext_lazy("permission", "판을 본다"),
    StaffPermission.PLAYER_VIEW: pgettext_lazy("permission", "선수를 본다"),
}


class Someone(Protocol):
    """로그인했을 수도 있는 사람. Django의 사용자 모델이 이 모양이다."""

    @property
    def is_authenticated(self) -> bool: ...
    @property
    def is_active(self) -> bool: ...
    @property
    def is_staff(self) -> bool: ...
    def has_perm(self, perm: str) -> bool: ...


def is_working_staff(someone: Someone) -> bool:
    """일하고 있는 직원으로 로그인했는가."""
    return someone.is_authenticated and someone.is_active and someone.is_staff


def is_allowed(someone: Someone, permission: StaffPermission) -> bool:
    """직원이고 그 일을 할 수 있는가."""
    return is_working_staff(someone) and someone.has_perm(permission.django_name)
