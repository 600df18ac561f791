"""운영 화면의 차림표: 페이지마다의 이름, 그림, 주소, 권한. 운영 화면과 관리 화면이 같은 표를 쓴다."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Someone, StaffPermission, is_allowed


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """차림표 한 줄. `icon`은 Material Symbols의 이름이다."""

    key: str
    title: str | Promise
    icon: str
    url_name: str
    permission: StaffPermission


ENTRIES = (
    NavigationItem("dashboard", _("대시보드"), "monitoring", "ops:dashboard", StaffPermission.DASHBOARD_VIEW),
    NavigationItem("servers", _("플릿"), "dns", "ops:servers", StaffPermission.SERVER_VIEW),
    NavigationItem("queue", _("대기열"), "hourglass_top", "ops:queue", StaffPermission.QUEUE_VIEW),
    NavigationItem("matches", _("판"), "swords", "ops:matches", StaffPermission.MATCH_VIEW),
    NavigationItem(
        "results", _("쓰이지 않은 결과"), "pending_actions", "ops:results", StaffPermission.MATCH_VIEW
    ),
    NavigationItem("slo", _("SLO"), "speed", "ops:slo", StaffPermission.DASHBOARD_VIEW),
    NavigationItem("players", _("선수"), "group", "ops:players", StaffPermission.PLAYER_VIEW),
)


def entries_for(someone: Someone) -> list[NavigationItem]:
    """이 사람이 열 수 있는 것들."""
    return [entry for entry in ENTRIES if is_allowed(someone, entry.permission)]


def may_see(permission: StaffPermission, request: HttpRequest) -> bool:
    """관리 화면의 차림표(theme.py)가 묻는다."""
    return is_allowed(request.user, permission)
