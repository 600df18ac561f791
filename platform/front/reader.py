"""읽는 이의 언어: 쿠키(언어 단추), 없으면 Accept-Language. 고르는 법은 kernel.languages에 있다."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from kernel.languages import known_language, language_of_header


def reader_language(request: HttpRequest) -> str:
    """이 요청을 읽을 이의 언어. 미들웨어를 지나기 전의 요청에도 쓴다."""
    cookie = known_language(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))
    return cookie or language_of_header(request.headers.get("Accept-Language"))
