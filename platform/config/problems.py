"""HTTP의 모든 오류를 RFC 9457 problem+json으로 만든다. 코드는 오류 나무(kernel.errors)에서만 온다.

HTTP에만 있는 실패(405, 415, 깨진 JSON)는 나무의 코드에 더 좁은 상태를 붙인다.
우리 잘못(INTERNAL)만 스택을 로그에 남긴다.
"""

from __future__ import annotations

import math
import secrets
import sys
from collections.abc import Iterator
from typing import Any

import msgspec
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from rest_framework import exceptions
from rest_framework.settings import api_settings

from database.codes import error_code, retry_reason
from database.transactions import unavailable_from
from kernel.errors import (
    HanpanError,
    Internal,
    InvalidArgument,
    NotFound,
    PayloadTooLarge,
    PermissionDenied,
    RateLimited,
    Unauthenticated,
)
from kernel.languages import DEFAULT_LANGUAGE
from telemetry.logs import get_logger
from telemetry.tracing import current_trace_id

log = get_logger(__name__)
CONTENT_TYPE = "application/problem+json"
Headers = dict[str, str]


def problem(
    error: HanpanError, status: int | None = None, *, language: str = DEFAULT_LANGUAGE
) -> tuple[int, Headers, bytes]:
    """오류 하나의 상태, 머리글, 본문. `status`를 주면 나무의 상태보다 좁은 것을 쓴다."""
    final_status = status or error.http_status
    headers = {"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store", "Content-Language": language}
    if error.retry_after_ms is not None and final_status in {429, 503}:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_ms / 1000)))
    if final_status == Unauthenticated.http_status:
        headers["WWW-Authenticate"] = 'Bearer realm="hanpan"'
    body = {
        "type": f"urn:hanpan:error:{error.code}",
        "title": error.title_in(language),
        "status": final_status,
        "detail": error.detail_in(language),
        "code": error.code,
        # 추적이 시작되기 전에 거절한 요청도 번호를 가진다.
        "trace_id": current_trace_id() or secrets.token_hex(16),
    }
    return final_status, headers, msgspec.json.encode(body)


def problem_response(
    error: HanpanError, status: int | None = None, *, language: str | None = None
) -> HttpResponse:
    """오류 하나의 Django 응답. `language`가 없으면 이 요청에 켜진 언어다."""
    final_status, headers, body = problem(
        error, status, language=language or get_language() or DEFAULT_LANGUAGE
    )
    response = HttpResponse(body, status=final_status, headers=headers)
    # Django가 같은 실패를 한 번 더 적지 않게 한다.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def exception_handler(exception: Exception, context: dict[str, Any]) -> HttpResponse:
    """DRF의 예외 처리기."""
    error, status = error_of(exception)
    response = problem_response(error, status)
    if isinstance(exception, exceptions.MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    return response


def error_of(exception: BaseException) -> tuple[HanpanError, int | None]:
    """예외가 오류 나무의 무엇인지. 우리 잘못이면 스택과 함께 적고 INTERNAL로 답한다."""
    if isinstance(exception, HanpanError):
        return exception, None
    if isinstance(exception, exceptions.APIException):
        return _from_drf(exception)
    if (known := _from_django(exception)) is not None:
        return known
    if (unavailable := unavailable_from(exception)) is not None:
        log.warning("http.unavailable", reason=retry_reason(error_code(exception)))
        return unavailable, None
    log.error("http.failed", exc_info=exception)
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
        return problem_response(PayloadTooLarge())
    return problem_response(InvalidArgument(), 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """화면의 권한 없음과 CSRF 거절."""
    return problem_response(PermissionDenied())


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """그런 경로가 없다."""
    return problem_response(NotFound("그런 경로가 없습니다"))


def server_error(request: HttpRequest) -> HttpResponse:
    """DRF 밖(관리 화면)의 실패. 데이터베이스의 사정은 503으로 가른다.

    스택은 Django가 이미 적었다.
    """
    failure = sys.exc_info()[1]
    unavailable = unavailable_from(failure) if failure is not None else None
    return problem_response(unavailable or Internal())
