"""누구나 보는 쪽의 바탕: 보안 머리글과 언어 단추. 로그인도 데이터베이스도 모른다."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.generic import TemplateView

from front.content_policy import content_policy

CONTENT_SECURITY_POLICY = content_policy(scripts=False, fonts=True, forms=True)


def protect(response: HttpResponseBase) -> None:
    """인라인 코드와 남의 자원을 모두 막는다. 이 쪽들에는 스크립트가 하나도 없다."""
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response["Referrer-Policy"] = "same-origin"


class PublicPage(TemplateView):
    """누구나 여는 쪽 하나."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        protect(response)
        response["Cache-Control"] = "no-cache"
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """언어 단추가 쓰는 것."""
        return {**super().get_context_data(**kwargs), "languages": settings.LANGUAGES}
