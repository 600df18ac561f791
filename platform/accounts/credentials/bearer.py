"""요청이 든 `Authorization: Bearer` 토큰. 토큰의 종류는 모른다."""

from __future__ import annotations

from rest_framework.request import Request

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
