"""`secured`로 올리지 않은 주소에는 아무도 닿지 못한다(누가 부르는지 말하지 않은 뷰)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.access import access_of
from telemetry.logs import get_logger

log = get_logger(__name__)


class DeclaredViewsMiddleware:
    """찾아 낸 뷰가 표 없이 올라 있으면 403으로 거절하고 적는다. 정적 파일은 이 앞에서 답한다."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: tuple[Any, ...], _kwargs: dict[str, Any]
    ) -> None:
        """뷰를 부르기 앞.

        Raises:
            PermissionDenied: 말하지 않은 뷰다.
        """
        if access_of(view) is None:
            log.error("http.undeclared", path=request.path)
            raise PermissionDenied
