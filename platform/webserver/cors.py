"""선수 API를 다른 origin의 쪽에 연다(CORS). 운영과 관리의 길은 열지 않는다.

값은 cors_rules.py에 있다. 허용된 origin은 `/ws`와 같은 목록(HANPAN_ALLOWED_ORIGINS)이다. 쿠키를 쓰지 않는
API라 자격(credentials)은 열지 않는다.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from corsheaders.middleware import CorsMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase


class PlayerCorsMiddleware(CorsMiddleware):
    """가장 바깥의 미들웨어: 안쪽의 어떤 거절에도 CORS 머리글이 붙는다."""

    def check_preflight(self, request: HttpRequest) -> HttpResponseBase | None:
        """허용된 origin의 사전 요청은 204다. 다른 OPTIONS는 뷰로 가서 405를 받는다."""
        if super().check_preflight(request) is None or not self._is_allowed(request):
            return None
        return HttpResponse(status=204)

    def _is_allowed(self, request: HttpRequest) -> bool:
        origin = request.headers.get("origin", "")
        try:
            return self.origin_found_in_white_lists(origin, urlsplit(origin))
        except ValueError:
            return False


def open_refusal(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """미들웨어를 지나기 전에 거절한 답(413, 503)에도 머리글을 붙인다."""
    return _marker.add_response_headers(request, response)  # type: ignore[return-value]


_marker: Final = PlayerCorsMiddleware(lambda _request: HttpResponse())
