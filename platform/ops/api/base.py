"""운영 API의 바탕: 누가 부르는가. 직원의 세션(CSRF를 본다) 또는 서비스 토큰이다."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http.response import HttpResponseBase
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from accounts.access import Requirement
from accounts.api_view import ApiView
from accounts.credentials.service_authentication import ServiceAuthentication
from accounts.credentials.service_tokens import Scope, ServiceClaims
from accounts.models import Staff
from accounts.permissions import StaffPermission, is_allowed, is_working_staff
from fleet.authority import Authority, ServiceAuthority, StaffAuthority
from kernel.errors import PermissionDenied, Unauthenticated


class StaffSession(BaseAuthentication):
    """로그인한 직원의 세션. 바꾸는 부름은 CSRF 토큰도 본다."""

    def authenticate(self, request: Request) -> tuple[Staff, None] | None:
        someone: Any = getattr(request._request, "user", None)
        if someone is None or not is_working_staff(someone):
            return None
        SessionAuthentication().enforce_csrf(request)
        return someone, None


class StaffSessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """OpenAPI에 보이는 직원의 세션."""

    target_class = StaffSession
    name = "staff"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


@dataclass(frozen=True, slots=True)
class AnyOperator(Requirement):
    """직원이나 서비스면 누구나 시도한다. 할 수 있는지는 fleet가 정하고, 거절도 감사에 남긴다."""

    authentication = (ServiceAuthentication, StaffSession)

    def check(self, caller: Any) -> None:
        _authority(caller)


@dataclass(frozen=True, slots=True)
class OperatorMay(Requirement):
    """그 권한이 있는 직원이나 그 범위가 있는 서비스."""

    permission: StaffPermission
    scope: Scope
    authentication = (ServiceAuthentication, StaffSession)

    def check(self, caller: Any) -> None:
        _authority(caller)
        if isinstance(caller, ServiceClaims):
            caller.require(self.scope)
        elif not is_allowed(caller, self.permission):
            raise PermissionDenied


def _authority(caller: object) -> Authority:
    if isinstance(caller, ServiceClaims):
        return ServiceAuthority(caller)
    if isinstance(caller, Staff):
        return StaffAuthority(caller)
    raise Unauthenticated("직원으로 로그인하거나 서비스 토큰이 있어야 합니다")


class OpsApiView(ApiView):
    """운영 API의 뷰. `authority`가 시키는 이다."""

    authority: Authority

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.authority = _authority(request.user)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        """무엇을 청하든 JSON이다: 브라우저로 연 사람도 406이 아니라 로그인으로 간다."""
        renderer = self.get_renderers()[0]
        return renderer, renderer.media_type or ""

    def handle_exception(self, exc: Exception) -> HttpResponseBase:  # type: ignore[override]
        """브라우저로 연 사람은 로그인으로 보낸다."""
        request = self.request
        wants_page = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
        if isinstance(exc, Unauthenticated) and wants_page:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        return super().handle_exception(exc)
