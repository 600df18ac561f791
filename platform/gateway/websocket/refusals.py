"""WebSocket 인사의 거절을 problem+json으로. 무엇이 옳은 인사인지는 websockets가 안다."""

from __future__ import annotations

from http import HTTPStatus

from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from kernel.errors import HanpanError, InvalidArgument, PayloadTooLarge
from kernel.languages import language_of_header
from kernel.problem import problem_of
from telemetry.tracing import trace_id_or_new

VERSION = "13"
_TOO_LARGE = {HTTPStatus.REQUEST_URI_TOO_LONG, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE}


class Handshake(ServerProtocol):
    """소켓 하나의 인사와 프레임."""

    _asked: Headers | None = None

    def accept(self, request: Request) -> Response:
        """인사에 답한다. 모르는 판이면 아는 판을 말한다(RFC 6455 4.2.2)."""
        self._asked = request.headers
        try:
            if request.headers.get_all("Sec-WebSocket-Version") not in ([VERSION], []):
                return self.reject(HTTPStatus.UPGRADE_REQUIRED, "")
            return super().accept(request)
        finally:
            self._asked = None

    def reject(self, status: int, text: str) -> Response:
        """HTTP 답으로 거절한다. `text`는 라이브러리의 말이라 쓰지 않는다."""
        asked = self._asked if self._asked is not None else Headers()
        problem = problem_of(
            _error_of(HTTPStatus(status)),
            trace_id=trace_id_or_new(_first(asked, "traceparent")),
            status=status,
            language=language_of_header(",".join(asked.get_all("Accept-Language"))),
        )
        headers = Headers(problem.headers)
        headers["Content-Length"] = str(len(problem.body))
        headers["Connection"] = "close"
        if status == HTTPStatus.UPGRADE_REQUIRED:
            headers["Sec-WebSocket-Version"] = VERSION
        return Response(status, HTTPStatus(status).phrase, headers, problem.body)


def _error_of(status: HTTPStatus) -> HanpanError:
    if status in _TOO_LARGE:
        return PayloadTooLarge("주소나 머리글이 너무 깁니다")
    if status == HTTPStatus.UPGRADE_REQUIRED:
        return InvalidArgument("WebSocket 13판으로 이어야 하는 경로입니다")
    return InvalidArgument("WebSocket의 인사가 올바르지 않습니다")


def _first(headers: Headers, name: str) -> str:
    return next(iter(headers.get_all(name)), "")
