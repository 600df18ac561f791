"""쪽 하나를 보안 머리와 함께 준다. 선수도 판도 모른다(데이터베이스를 읽지 않는다)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.generic import TemplateView

from front.content_policy import content_policy


class PlayView(TemplateView):
    """누구나 여는 선수 화면."""

    template_name = "play/index.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """어느 답에나 CSP를 붙인다: 이 쪽은 우리 파일만 읽고, 우리 서버에만 말한다."""
        response = super().dispatch(request, *args, **kwargs)
        response["Content-Security-Policy"] = content_policy(
            scripts=True, fonts=False, forms=False, socket_host=request.get_host()
        )
        response["Cache-Control"] = "no-cache"
        response["Referrer-Policy"] = "no-referrer"
        return response
