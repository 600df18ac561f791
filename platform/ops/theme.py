"""관리 화면(unfold)의 모습: 색과 옆 차림표. 운영 화면과 같은 색이고 서로 이어진다.

설정이 읽는 값이라 모델도 데이터베이스도 부르지 않는다.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from ops.navigation import ENTRIES, may_open

# ops/static/ops/base.css의 --primary-*와 같은 색이다(Tailwind의 indigo).
PRIMARY = {
    "50": "oklch(96.2% .018 272.314)",
    "100": "oklch(93% .034 272.788)",
    "200": "oklch(87% .065 274.039)",
    "300": "oklch(78.5% .115 274.713)",
    "400": "oklch(67.3% .182 276.935)",
    "500": "oklch(58.5% .233 277.117)",
    "600": "oklch(51.1% .262 276.966)",
    "700": "oklch(45.7% .24 277.023)",
    "800": "oklch(39.8% .195 277.366)",
    "900": "oklch(35.9% .144 278.697)",
    "950": "oklch(25.7% .09 281.288)",
}


ADMIN_PAGES = (
    (_("서버(지금)"), "dns", "admin:fleet_liveserver_changelist", "fleet.view_liveserver"),
    (_("드레인 지시"), "output", "admin:fleet_drainintent_changelist", "fleet.view_drainintent"),
    (_("갈아 끼우기"), "autorenew", "admin:fleet_roll_changelist", "fleet.view_roll"),
    (_("감사 기록"), "policy", "admin:audit_auditrecord_changelist", "audit.view_auditrecord"),
    (_("선수"), "person", "admin:players_player_changelist", "players.view_player"),
    (_("판의 결과"), "scoreboard", "admin:matches_matchresult_changelist", "matches.view_matchresult"),
    (_("레이팅"), "leaderboard", "admin:matches_rating_changelist", "matches.view_rating"),
    (_("레이팅 변화"), "trending_up", "admin:matches_ratingchange_changelist", "matches.view_ratingchange"),
)
STAFF_PAGES = (
    (_("직원"), "badge", "admin:accounts_staff_changelist", "accounts.view_staff"),
    (_("역할"), "shield_person", "admin:auth_group_changelist", "auth.view_group"),
)


def _holds(django_name: str, request: HttpRequest) -> bool:
    return request.user.has_perm(django_name)


def _admin_items(pages: tuple[tuple[Any, str, str, str], ...]) -> list[dict[str, Any]]:
    return [
        {"title": title, "icon": icon, "link": reverse_lazy(url), "permission": partial(_holds, name)}
        for title, icon, url, name in pages
    ]


def _ops_items() -> list[dict[str, Any]]:
    return [
        {
            "title": entry.title,
            "icon": entry.icon,
            "link": reverse_lazy(entry.url_name),
            "permission": partial(may_open, entry),
        }
        for entry in ENTRIES
    ]


ADMIN_THEME: dict[str, Any] = {
    "SITE_TITLE": _("한판"),
    "SITE_HEADER": _("한판 관리"),
    "SITE_SYMBOL": "star",
    "SITE_URL": "/ops/",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("ops/icon.svg")}
    ],
    "SHOW_LANGUAGES": True,
    "SCRIPTS": [lambda request: static("ops/clock.js")],
    "STYLES": [lambda request: static("ops/clock.css")],
    "COLORS": {"primary": PRIMARY},
    "SIDEBAR": {
        "navigation": [
            {"title": _("운영"), "items": _ops_items()},
            {"title": _("기록(읽기 전용)"), "separator": True, "items": _admin_items(ADMIN_PAGES)},
            {"title": _("사람"), "separator": True, "items": _admin_items(STAFF_PAGES)},
        ]
    },
}
