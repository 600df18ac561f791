"""uvicorn이 앱에 닿기 전에 스스로 하는 거절(깨진 요청)도 problem+json으로. gateway와 두 워커가 쓴다."""

from __future__ import annotations

from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kernel.errors import InvalidArgument
from kernel.problem import Problem, problem_of
from telemetry.tracing import trace_id_or_new


class ProblemHttpProtocol(HttpToolsProtocol):
    """HTTP 이어짐 하나."""

    def send_400_response(self, msg: str) -> None:
        """요청을 읽지 못했다. 머리글을 믿을 수 없어 언어도 추적도 새로 정한다."""
        refusal = problem_of(
            InvalidArgument("요청을 읽을 수 없습니다"), trace_id=trace_id_or_new(), status=400
        )
        self.transport.write(raw_answer(refusal))
        self.transport.close()


def raw_answer(problem: Problem) -> bytes:
    """HTTP 틀을 거치지 않고 그대로 쓰는 답. 이 뒤에 이어짐을 닫는다."""
    headers = b"".join(b"%s: %s\r\n" % pair for pair in problem.asgi_headers())
    phrase = HTTPStatus(problem.status).phrase.encode()
    return b"HTTP/1.1 %d %s\r\n%sconnection: close\r\n\r\n%s" % (
        problem.status,
        phrase,
        headers,
        problem.body,
    )
