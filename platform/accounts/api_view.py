"""모든 API 뷰의 뿌리. OPTIONS를 받지 않고, 받지 않는다고 바르게 말한다(Allow에 이름이 없다).

브라우저의 사전 요청(preflight)은 뷰에 오기 전에 config/cors.py가 답한다.
"""

from __future__ import annotations

from typing import Final

from rest_framework.views import APIView

METHODS: Final = ("get", "head", "post", "put", "patch", "delete")


class ApiView(APIView):
    """DRF의 뷰에서 OPTIONS를 뺀 것."""

    http_method_names = list(METHODS)  # noqa: RUF012 - DRF가 정한 이름이다
