"""X-Forwarded-Proto를 믿는 프록시(LB)가 적은 것만 남긴다(SECURE_PROXY_SSL_HEADER가 읽는다)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from players.addresses import is_trusted, parse_networks

SCHEME_KEY: Final = "HTTP_X_FORWARDED_PROTO"
PEERS_KEPT: Final = 256


class ForwardedSchemeMiddleware:
    """믿지 않는 상대가 적은 방식은 오지 않은 것과 같다. 스킴을 읽는 모든 미들웨어보다 앞에 둔다."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        trusted = parse_networks(settings.TRUSTED_PROXIES)
        # 상대는 대개 LB 하나다: 주소를 요청마다 풀지 않는다.
        self._is_trusted = lru_cache(PEERS_KEPT)(partial(is_trusted, trusted=trusted))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """요청 하나."""
        if SCHEME_KEY in request.META and not self._is_trusted(request.META.get("REMOTE_ADDR", "")):
            del request.META[SCHEME_KEY]
        return self._get_response(request)
