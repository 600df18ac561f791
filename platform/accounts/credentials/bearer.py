"""`Authorization: Bearer` 토큰을 드는 DRF 뷰의 뿌리. 토큰의 종류는 모른다."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request

from accounts.api_view import ApiView
from kernel.errors import Unauthenticated

CHALLENGE = 'Bearer realm="hanpan"'


def bearer_token(request: Request) -> str:
    """요청이 든 토큰.

    Raises:
        Unauthenticated: 머리가 없거나 Bearer가 아니다.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("Authorization: Bearer 토큰이 필요합니다")
    return token.strip()


class BearerView(ApiView):
    """토큰이 있어야 부를 수 있는 뷰. 틀린 메서드는 누구에게나 405이므로 토큰보다 먼저 본다."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(request.method or "")
        super().initial(request, *args, **kwargs)
