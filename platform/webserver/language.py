"""요청마다 읽는 이의 언어(front.reader)를 켠다.

Django의 것을 그대로 쓰지 않는 까닭: 모르는 언어만 청한 사람에게 원문(한국어)을 준다. 우리는 영어로 답한다.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers

from front.reader import reader_language


class ReaderLanguageMiddleware(LocaleMiddleware):
    """요청마다 언어를 켠다. 답의 Content-Language와 Vary도 여기서 붙는다."""

    def process_request(self, request: HttpRequest) -> None:
        language = reader_language(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        patch_vary_headers(response, ("Cookie",))
        return super().process_response(request, response)
