"""쪽 하나를 보안 머리와 함께 준다. 선수도 판도 모른다(데이터베이스를 읽지 않는다)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.generic import TemplateView


class PlayView(TemplateView):
    """누구나 여는 선수 화면."""

    template_name = "play/index.html"
    http_method_names = ("get", "head", "options")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """어느 답에나 CSP를 붙인다: 이 쪽은 우리 파일만 읽고, 우리 서버에만 말한다."""
        response = super().dispatch(request, *args, **kwargs)
        response["Content-Security-Policy"] = content_security_policy(request.get_host())
        response["Cache-Control"] = "no-cache"
        response["Referrer-Policy"] = "no-referrer"
        return response


def content_security_policy(host: str) -> str:
    """인라인 코드와 남의 자원을 모두 막는 정책.

    ws 주소를 따로 적는 까닭: 'self'가 WebSocket까지 뜻한다는 것을 모르는 브라우저가 아직 있다.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            f"connect-src 'self' ws://{host} wss://{host}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
