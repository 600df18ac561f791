"""읽는 이의 언어: 쿠키(언어 단추), 없으면 Accept-Language. 고르는 법은 kernel.languages에 있다.

Django의 것을 그대로 쓰지 않는 까닭: 모르는 언어만 청한 사람에게 원문(한국어)을 준다. 우리는 영어로 답한다.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers

from kernel.languages import known_language, language_of_header


class ReaderLanguageMiddleware(LocaleMiddleware):
    """요청마다 언어를 켠다. 답의 Content-Language와 Vary도 여기서 붙는다."""

    def process_request(self, request: HttpRequest) -> None:
        chosen = known_language(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))
        language = chosen or language_of_header(request.headers.get("Accept-Language"))
        translation.activate(language)
        request.LANGUAGE_CODE = language

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        patch_vary_headers(response, ("Cookie",))
        return super().process_response(request, response)


def language_of_scope(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Django에 닿기 전에 거절하는 요청의 언어. 머리글만 본다."""
    asked = [value.decode("latin-1") for name, value in headers if name.lower() == b"accept-language"]
    return language_of_header(",".join(asked))
