"""오류 하나를 RFC 9457 problem+json으로. 본문을 짓는 자리는 여기 하나다(LB의 본문도 여기서 그려 낸다).

표준 라이브러리만 안다. 추적 번호와 언어는 부르는 쪽이 준다.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Final

from kernel.errors import HanpanError, Unauthenticated
from kernel.languages import DEFAULT_LANGUAGE

CONTENT_TYPE: Final = "application/problem+json"
# 잠시 뒤 다시 해 볼 수 있는 상태. 여기에만 Retry-After를 싣는다.
RETRYABLE_STATUSES: Final = frozenset({429, 502, 503, 504})
# 브라우저로 열어도 JSON인 길. 프로그램이 부르는 곳이고, 사람에게 보일 것이 따로 없다.
API_PATHS: Final = ("/api/", "/ops/api/")


@dataclass(frozen=True, slots=True)
class Problem:
    """오류 하나의 HTTP 답."""

    status: int
    headers: dict[str, str]
    body: bytes

    def asgi_headers(self) -> list[tuple[bytes, bytes]]:
        """ASGI가 받는 머리글. 본문의 길이도 있다."""
        pairs = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
        return [*pairs, (b"content-length", str(len(self.body)).encode())]


def problem_type(code: str) -> str:
    """코드마다 하나뿐인 `type`."""
    return f"urn:hanpan:error:{code}"


def problem_body(
    error: HanpanError, *, trace_id: str, status: int | None = None, language: str = DEFAULT_LANGUAGE
) -> dict[str, str | int]:
    """본문의 여섯 칸. `status`를 주면 나무의 상태보다 좁은 것을 쓴다."""
    return {
        "type": problem_type(error.code),
        "title": error.title_in(language),
        "status": status or error.http_status,
        "detail": error.detail_in(language),
        "code": error.code,
        "trace_id": trace_id,
    }


def problem_of(
    error: HanpanError, *, trace_id: str, status: int | None = None, language: str = DEFAULT_LANGUAGE
) -> Problem:
    """오류 하나의 상태, 머리글, 본문."""
    body = problem_body(error, trace_id=trace_id, status=status, language=language)
    headers = {"Content-Type": CONTENT_TYPE, **failure_headers(error, status, language)}
    return Problem(
        int(body["status"]), headers, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    )


def failure_headers(
    error: HanpanError, status: int | None = None, language: str = DEFAULT_LANGUAGE
) -> dict[str, str]:
    """본문이 JSON이든 쪽이든 오류의 답이 갖는 머리글."""
    final_status = status or error.http_status
    headers = {"Cache-Control": "no-store", "Content-Language": language}
    if error.retry_after_ms is not None and final_status in RETRYABLE_STATUSES:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_ms / 1000)))
    if final_status == Unauthenticated.http_status:
        headers["WWW-Authenticate"] = 'Bearer realm="hanpan"'
    return headers


def wants_page(path: str, accept: str | None) -> bool:
    """쪽으로 답할까: 브라우저처럼 HTML을 JSON보다 바라고, API의 길이 아닐 때."""
    if path.startswith(API_PATHS):
        return False
    weights = _weights(accept or "")
    page = weights.get("text/html", 0.0)
    return page > 0 and page >= max(weights.get("application/json", 0.0), weights.get(CONTENT_TYPE, 0.0))


def _weights(accept: str) -> dict[str, float]:
    """Accept(RFC 9110)의 종류마다의 무게. 읽을 수 없는 무게는 0이다."""
    weights: dict[str, float] = {}
    for part in accept[:1000].split(","):
        kind, *parameters = part.split(";")
        weight = next((text.strip()[2:] for text in parameters if text.strip().startswith("q=")), "1")
        try:
            weights[kind.strip().lower()] = float(weight)
        except ValueError:
            weights[kind.strip().lower()] = 0.0
    return weights
