"""첫 쪽, 상태, API 안내. 어느 것도 로그인을 묻지 않고, 첫 쪽과 안내는 데이터베이스를 읽지 않는다."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _

from front.api_reference import sections
from front.health import Health, gateways_health, shared_check
from front.page import PublicPage, protect
from kernel.problem import wants_page

# 로드 밸런서가 이 길의 요청에만 싣는다(infra/lb/haproxy.cfg).
GATEWAYS_HEADER = "X-Gateways-Up"
PART_NAMES = {
    "load_balancer": _("로드 밸런서"),
    "platform": _("쪽과 API(platform)"),
    "gateways": _("게임의 소켓(gateway)"),
    "matchmaking": _("상대 찾기(matchmaking)"),
    "game_servers": _("게임 서버(session)"),
    "database": _("데이터베이스(MariaDB)"),
    "redis": _("살아 있는 상태(Redis)"),
}
STATE_NAMES = {Health.UP: _("살아 있음"), Health.DOWN: _("멈춤"), Health.UNKNOWN: _("알 수 없음")}


class LandingPage(PublicPage):
    """/: 문 넷."""

    template_name = "front/landing.html"


class StatusPage(PublicPage):
    """/status/: 지금 무엇이 살아 있는가. 프로그램에는 JSON으로 말한다."""

    template_name = "front/status.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        parts = parts_now(request.headers.get(GATEWAYS_HEADER))
        is_up = all(health is Health.UP for health in parts.values())
        if not wants_page(request.path, request.headers.get("Accept")):
            response: HttpResponse = JsonResponse({"status": "up" if is_up else "degraded", "parts": parts})
        else:
            rows = [(PART_NAMES[name], health.value, STATE_NAMES[health]) for name, health in parts.items()]
            response = self.render_to_response(self.get_context_data(rows=rows, is_up=is_up))
        response["Vary"] = "Accept"
        protect(response)
        return response


def parts_now(gateways_told: str | None) -> dict[str, Health]:
    """부품마다의 모습. 이 답이 나가고 있으니 platform은 살아 있다."""
    gateways = gateways_health(gateways_told)
    stores = shared_check().stores()
    return {
        # 로드 밸런서가 무엇이든 말했으면 그것을 지나온 것이다.
        "load_balancer": Health.UNKNOWN if gateways is Health.UNKNOWN else Health.UP,
        "platform": Health.UP,
        "gateways": gateways,
        "matchmaking": stores.matchmaking,
        "game_servers": stores.game_servers,
        "database": stores.database,
        "redis": stores.redis,
    }


class DocsPage(PublicPage):
    """/docs/: OpenAPI의 글을 사람이 읽는 쪽으로."""

    template_name = "front/docs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "sections": sections()}
