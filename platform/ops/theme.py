"""관리 화면(unfold)의 모습: 색과 옆 차림표. 운영 화면과 같은 색이고 서로 이어진다.

설정이 읽는 값이라 모델도 데이터베이스도 부르지 않는다.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

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


def _item(title: Any, icon: str, url_name: str, permission: str) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(url_name),
        "permission": f"ops.navigation.{permission}",
    }


ADMIN_THEME: dict[str, Any] = {
    "SITE_TITLE": _("한판"),
    "SITE_HEADER": _("한판 관리"),
    "SITE_SYMBOL": "star",
    "SHOW_LANGUAGES": True,
    "COLORS": {"primary": PRIMARY},
}
