"""Django에서 난 실패를 하나의 답으로: API에는 RFC 9457 problem+json, 브라우저에는 쪽(front.failures).

코드는 오류 나무(kernel.errors)에서만 온다. HTTP에만 있는 실패(405, 415, 깨진 JSON)는 나무의 코드에 더 좁은
상태를 붙인다. 우리 잘못(INTERNAL)은 추적 번호와 스택이 있는 한 줄을 남긴다: Django가 스스로 적는 줄은 끈다.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework import exceptions
from rest_framework.settings import api_settings

from database.codes import error_code, retry_reason
from database.transactions import unavailable_from
from front.failures import CSRF_REFUSED, failure_answer, is_told, trace_of
from kernel.errors import (
    HanpanError,
    Internal,
    InvalidArgument,
    NotFound,
    PayloadTooLarge,
    PermissionDenied,
    RateLimited,
    Unauthenticated,
    Unavailable,
)
from telemetry.logs import get_logger

log = get_logger(__name__)
# 뷰가 던지지 않고 상태만 준 답(405의 빈 답 같은 것)의 뜻. 없는 상태는 4xx면 요청의, 5xx면 우리의 잘못이다.
_BY_STATUS: dict[int, HanpanError] = {
    401: Unauthenticated(),
    403: PermissionDenied(),
    404: NotFound("그런 경로가 없습니다"),
    405: InvalidArgument("이 경로에는 그 메서드가 없습니다"),
    413: PayloadTooLarge(),
    429: RateLimited(),
    503: Unavailable(),
}


def exception_handler(exception: Exception, context: dict[str, Any]) -> HttpResponse:
    """DRF의 예외 처리기."""
    request: HttpRequest = context["request"]._request
    error, status = error_of(exception, request)
    response = failure_answer(request, error, status)
    if isinstance(exception, exceptions.MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    return response


def error_of(exception: BaseException, request: HttpRequest) -> tuple[HanpanError, int | None]:
    """예외가 오류 나무의 무엇인지. 우리 잘못이면 스택과 함께 적고 INTERNAL로 답한다."""
    if isinstance(exception, HanpanError) and not isinstance(exception, Internal):
        return exception, None
    if isinstance(exception, exceptions.APIException):
        return _from_drf(exception)
    if (known := _from_django(exception)) is not None:
        return known
    if (unavailable := unavailable_from(exception)) is not None:
        reason = retry_reason(error_code(exception))
        log.warning("http.unavailable", trace_id=trace_of(request), reason=reason)
        return unavailable, None
    log.error("http.failed", trace_id=trace_of(request), path=request.path, exc_info=exception)
    return Internal(), None


def _from_django(exception: BaseException) -> tuple[HanpanError, int | None] | None:
    if isinstance(exception, Http404):
        return NotFound(), None
    if isinstance(exception, DjangoPermissionDenied):
        return PermissionDenied(), None
    if isinstance(exception, RequestDataTooBig):
        return PayloadTooLarge(), None
    if isinstance(exception, BadRequest | UnicodeDecodeError):
        return InvalidArgument(), 400
    return None


def _from_drf(exception: exceptions.APIException) -> tuple[HanpanError, int | None]:
    if isinstance(exception, exceptions.ValidationError):
        return InvalidArgument("{reasons}", reasons=_flatten(exception.detail)), None
    if isinstance(exception, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return Unauthenticated(), None
    if isinstance(exception, exceptions.PermissionDenied):
        return PermissionDenied(), None
    if isinstance(exception, exceptions.NotFound):
        return NotFound(), None
    if isinstance(exception, exceptions.Throttled):
        return RateLimited(), None
    # 405, 406, 415, 깨진 JSON(400): 모두 요청의 잘못이다.
    return InvalidArgument("{reasons}", reasons=_flatten(exception.detail)), exception.status_code


def _flatten(detail: Any) -> str:
    """DRF의 겹친 오류 글을 `칸: 까닭` 한 줄로 편다. 칸은 줄과 이름까지다: `results[3].player_id: 까닭`."""
    return "; ".join(f"{path}: {reason}" if path else str(reason) for path, reason in _faults(detail, ""))


def _faults(detail: Any, path: str) -> Iterator[tuple[str, Any]]:
    """잘못마다의 (칸의 길, 까닭). 목록 칸은 {번호: 까닭}으로, 겹친 many=True는 줄마다의 목록으로 온다."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from _faults(value, _joined(path, key))
    elif isinstance(detail, list):
        for row, value in enumerate(detail):
            yield from _faults(value, _joined(path, row) if isinstance(value, dict) else path)
    else:
        yield path, detail


def _joined(path: str, key: object) -> str:
    if isinstance(key, int):
        return f"{path}[{key}]"
    if key == api_settings.NON_FIELD_ERRORS_KEY:
        return path
    return f"{path}.{key}" if path else str(key)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django가 요청을 읽다 거절했다(모르는 Host, 너무 큰 폼)."""
    if isinstance(exception, RequestDataTooBig):
        return failure_answer(request, PayloadTooLarge())
    return failure_answer(request, InvalidArgument("요청을 읽을 수 없습니다"), 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """화면의 권한 없음."""
    return failure_answer(request, PermissionDenied())


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF의 거절. 토큰이 오래되었거나, 다른 사이트가 보낸 폼이다."""
    error = PermissionDenied("CSRF 토큰이 맞지 않아 아무 일도 하지 않았습니다")
    return failure_answer(request, error, texts=CSRF_REFUSED)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """그런 경로가 없다."""
    return failure_answer(request, NotFound("그런 경로가 없습니다"))


def server_error(request: HttpRequest) -> HttpResponse:
    """DRF 밖(화면, 미들웨어)에서 아무도 잡지 않은 예외. 데이터베이스의 사정은 503으로 가른다."""
    failure = sys.exc_info()[1]
    error, status = error_of(failure, request) if failure is not None else (Internal(), None)
    return failure_answer(request, error, status)


class FailureMiddleware:
    """뷰와 라이브러리가 상태만 준 실패의 답(405의 빈 답, 정적 파일의 거절)도 같은 모양으로 바꾼다."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        status = response.status_code
        if status < HTTPStatus.BAD_REQUEST or response.streaming or is_told(response):
            return response
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in _BY_STATUS:
            log.error("http.answered_failure", trace_id=trace_of(request), path=request.path, status=status)
        told = failure_answer(request, _error_of_status(status), status)
        # Allow, CORS처럼 답의 몸이 아니라 요청에 딸린 머리글은 남긴다.
        for name, value in response.items():
            if not name.lower().startswith("content-"):
                told.setdefault(name, value)
        told.cookies.update(response.cookies)
        return told


def _error_of_status(status: int) -> HanpanError:
    fallback = InvalidArgument() if status < HTTPStatus.INTERNAL_SERVER_ERROR else Internal()
    return _BY_STATUS.get(status, fallback)
