"""운영 화면의 차림표: 페이지마다의 이름, 그림, 주소. 운영 화면과 관리 화면이 같은 표를 쓴다.

누가 여는지는 주소(ops.urls)가 말하고, 차림표는 그 말을 따라 보인다.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import GET, Requirement, access_of
from accounts.permissions import Someone


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """차림표 한 줄. `icon`은 Material Symbols의 이름이다."""

    key: str
    title: str | Promise
    icon: str
    url_name: str

    def is_open_to(self, someone: Someone) -> bool:
        """이 사람이 그 주소를 열 수 있는가."""
        requirement = _requirement_of(self.url_name)
        return requirement is not None and requirement.allows(someone)


ENTRIES = (
    NavigationItem("dashboard", _("대시보드"), "monitoring", "ops:dashboard"),
    NavigationItem("servers", _("플릿"), "dns", "ops:servers"),
    NavigationItem("queue", _("대기열"), "hourglass_top", "ops:queue"),
    NavigationItem("matches", _("판"), "swords", "ops:matches"),
    NavigationItem("results", _("쓰이지 않은 결과"), "pending_actions", "ops:results"),
    NavigationItem("slo", _("SLO"), "speed", "ops:slo"),
    NavigationItem("players", _("선수"), "group", "ops:players"),
)


@cache
def _requirement_of(url_name: str) -> Requirement | None:
    """그 주소를 여는 조건. 주소는 뜬 뒤에 바뀌지 않으므로 쪽마다 다시 찾지 않는다."""
    access = access_of(resolve(reverse(url_name)).func)
    return access.of(GET) if access is not None else None


def entries_for(someone: Someone) -> list[NavigationItem]:
    """이 사람이 열 수 있는 것들."""
    return [entry for entry in ENTRIES if entry.is_open_to(someone)]


def may_open(entry: NavigationItem, request: HttpRequest) -> bool:
    """관리 화면의 차림표(theme.py)가 묻는다."""
    return entry.is_open_to(request.user)
