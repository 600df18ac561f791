"""DRF의 서비스 인증: 밖의 게임 서버가 서비스 토큰으로 부른다. 데이터베이스를 보지 않는다."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.access import Requirement
from accounts.credentials.bearer import CHALLENGE, bearer_token
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


@dataclass(frozen=True, slots=True)
class ServiceMay(Requirement):
    """그 범위가 있는 서비스."""

    scope: Scope
    authentication = (ServiceAuthentication,)

    def check(self, caller: Any) -> None:
        _service(caller).require(self.scope)


def service_of(request: Request) -> ServiceClaims:
    """ServiceAuthentication을 지난 요청의 서비스."""
    return _service(request.user)


def _service(caller: object) -> ServiceClaims:
    if not isinstance(caller, ServiceClaims):
        raise Unauthenticated("Authorization: Bearer 토큰이 필요합니다")
    return caller


class ServiceAuthenticationScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """OpenAPI에 보이는 이 인증의 이름과 종류."""

    target_class = ServiceAuthentication
    name = "service"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
