"""DRF의 서비스 인증: 밖의 게임 서버가 서비스 토큰으로 부르는 뷰. 데이터베이스를 보지 않는다."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.credentials.bearer import CHALLENGE, BearerView, bearer_token
from accounts.credentials.service_tokens import (
    Scope,
    ServiceClaims,
    ServiceTokenVerifier,
    load_service_verifier,
)
from kernel.errors import Unauthenticated


@cache
def service_verifier() -> ServiceTokenVerifier:
    """서비스 토큰을 검증하는 이. 열쇠가 없으면 KeysMissing이다."""
    return load_service_verifier(settings.KEYS_DIR)


class ServiceAuthentication(BaseAuthentication):
    """`request.user`가 ServiceClaims가 된다. 토큰이 틀리면 Unauthenticated, 없으면 다음 방법을 본다."""

    def authenticate(self, request: Request) -> tuple[ServiceClaims, None] | None:
        if "Authorization" not in request.headers:
            return None
        return service_verifier().verify(bearer_token(request)), None

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class ServiceView(BearerView):
    """`scope`가 있는 서비스만 부를 수 있는 뷰."""

    authentication_classes = (ServiceAuthentication,)
    scope: ClassVar[Scope]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        service_of(request).require(self.scope)


def service_of(request: Request) -> ServiceClaims:
    """ServiceAuthentication을 지난 요청의 서비스."""
    claims: object = request.user
    if not isinstance(claims, ServiceClaims):
        raise Unauthenticated("Authorization: Bearer 토큰이 필요합니다")
    return claims


class ServiceAuthenticationScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """OpenAPI에 보이는 이 인증의 이름과 종류."""

    target_class = ServiceAuthentication
    name = "service"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
