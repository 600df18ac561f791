"""실패 하나의 쪽: 무슨 일인지, 무엇을 하면 되는지, 돌아갈 길. 요청한 사람도 데이터베이스도 읽지 않는다.

같은 쪽을 로드 밸런서도 쓴다(front.lb_errors가 미리 그려 둔다).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from front.page import protect
from front.reader import reader_language
from kernel.errors import HanpanError
from kernel.problem import failure_headers, problem_of, wants_page
from telemetry.tracing import trace_id_or_new

TEMPLATE: Final = "front/failure.html"
STAFF_PATHS: Final = ("/ops/", "/admin/")


@dataclass(frozen=True, slots=True)
class FailureTexts:
    """제목과 할 일. 한국어 원문이다."""

    heading: str
    advice: str


CSRF_REFUSED: Final = FailureTexts(
    gettext_noop("보낸 것을 받지 않았습니다."),
    gettext_noop(
        "쪽을 연 지 오래되었거나 다른 탭에서 로그인이 바뀌었습니다. "
        "아무 일도 하지 않았습니다. 쪽을 새로 열어 다시 하십시오."
    ),
)
COOKIES_TOO_LARGE: Final = FailureTexts(
    gettext_noop("브라우저가 보낸 것이 너무 큽니다."),
    gettext_noop("이 사이트의 쿠키를 지우고 다시 열어 보십시오."),
)
_BY_STATUS: Final = {
    400: FailureTexts(
        gettext_noop("주소가 올바르지 않습니다."), gettext_noop("주소를 살펴보고 다시 열어 보십시오.")
    ),
    405: FailureTexts(
        gettext_noop("이 주소는 그렇게 열 수 없습니다."),
        gettext_noop("쪽의 단추로만 쓰는 주소입니다. 앞의 쪽에서 다시 하십시오."),
    ),
    408: FailureTexts(
        gettext_noop("보낸 것이 제때 오지 않았습니다."),
        gettext_noop("인터넷의 이어짐을 살펴보고 다시 해 보십시오."),
    ),
    414: FailureTexts(gettext_noop("주소가 너무 깁니다."), gettext_noop("주소를 줄여 다시 열어 보십시오.")),
    426: FailureTexts(
        gettext_noop("이 주소는 게임이 쓰는 소켓입니다."), gettext_noop("놀려면 선수 화면을 여십시오.")
    ),
    431: COOKIES_TOO_LARGE,
}
_BY_CODE: Final = {
    "PERMISSION_DENIED": FailureTexts(
        gettext_noop("이 쪽을 볼 권한이 없습니다."), gettext_noop("필요한 역할을 관리자에게 청하십시오.")
    ),
    "NOT_FOUND": FailureTexts(
        gettext_noop("그런 것이 없습니다."),
        gettext_noop("주소나 번호가 틀렸거나, 남아 있지 않은 기록입니다."),
    ),
    "UNAVAILABLE": FailureTexts(
        gettext_noop("지금은 읽을 수 없습니다."),
        gettext_noop("서버나 저장소가 답하지 않습니다. 잠시 뒤에 다시 열어 보십시오."),
    ),
    "RATE_LIMITED": FailureTexts(
        gettext_noop("너무 잦습니다."), gettext_noop("잠시 쉬었다가 다시 열어 보십시오.")
    ),
    "PAYLOAD_TOO_LARGE": FailureTexts(
        gettext_noop("보낸 것이 너무 큽니다."), gettext_noop("크기를 줄여 다시 해 보십시오.")
    ),
    "INTERNAL": FailureTexts(
        gettext_noop("우리 쪽에서 실패했습니다."),
        gettext_noop("아래의 긴 번호를 운영자에게 알리면 까닭을 찾을 수 있습니다."),
    ),
}
_DEFAULT: Final = FailureTexts(
    gettext_noop("주소가 올바르지 않습니다."), gettext_noop("고른 것을 지우고 다시 찾아보십시오.")
)


def texts_of(error: HanpanError, status: int) -> FailureTexts:
    """이 실패를 사람에게 말하는 글."""
    return _BY_STATUS.get(status) or _BY_CODE.get(error.code) or _DEFAULT


def failure_answer(
    request: HttpRequest,
    error: HanpanError,
    status: int | None = None,
    *,
    texts: FailureTexts | None = None,
) -> HttpResponse:
    """실패 하나의 답: 브라우저에는 쪽, 나머지에는 problem+json."""
    final_status = status or error.http_status
    language = reader_language(request)
    trace_id = trace_of(request)
    if wants_page(request.path, request.headers.get("Accept")):
        body: str | bytes = _page(request, error, final_status, language, trace_id, texts)
        headers = failure_headers(error, final_status, language)
    else:
        problem = problem_of(error, trace_id=trace_id, status=final_status, language=language)
        body, headers = problem.body, problem.headers
    response = HttpResponse(body, status=final_status, headers=headers)
    patch_vary_headers(response, ("Accept", "Accept-Language", "Cookie"))
    protect(response)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django가 같은 실패를 한 번 더 적지 않게 한다
    response._is_told = True  # type: ignore[attr-defined]
    return response


def trace_of(request: HttpRequest) -> str:
    """이 요청의 추적 번호. 답과 로그의 줄이 같은 것을 말하도록 처음 물을 때 정한다."""
    known: str | None = getattr(request, "_trace_id", None)
    if known is None:
        known = trace_id_or_new(request.headers.get("traceparent", ""))
        request._trace_id = known  # type: ignore[attr-defined]
    return known


def is_told(response: HttpResponseBase) -> bool:
    """이 답이 `failure_answer`가 만든 것인가."""
    return bool(getattr(response, "_is_told", False))


def _page(
    request: HttpRequest,
    error: HanpanError,
    status: int,
    language: str,
    trace_id: str,
    texts: FailureTexts | None,
) -> str:
    said = texts or texts_of(error, status)
    with translation.override(language):
        context = {
            "language": language,
            "status": status,
            "code": error.code,
            "trace_id": trace_id,
            "heading": translation.gettext(said.heading),
            "advice": translation.gettext(said.advice),
            "site": _("한판"),
            "ways": _ways_back(request),
            "trace_label": _("추적 번호"),
        }
        return render_to_string(TEMPLATE, context)


def _ways_back(request: HttpRequest) -> list[tuple[str, str]]:
    """돌아갈 곳들(주소, 이름). 앞의 것이 으뜸이다."""
    home = ("/", _("첫 쪽"))
    if request.path.startswith(STAFF_PATHS):
        return [("/ops/", _("대시보드")), ("/admin/", _("관리 화면")), home]
    return [home, ("/play/", _("선수 화면"))]
