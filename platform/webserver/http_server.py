"""daphne의 서버를 우리 오류의 모양에 맞춘 것. 앱에 닿기 전의 거절도 problem+json이다.

소켓이 없는 길의 Upgrade는 없는 것과 같다(RFC 9110 7.8): 여느 요청처럼 답한다.
"""

from __future__ import annotations

from typing import Any, Final

import daphne.server
from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.server import Server
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.web.http import HTTPChannel, _GenericHTTPChannelProtocol

from kernel.errors import HanpanError, Internal, InvalidArgument, Unavailable
from kernel.problem import problem_of
from telemetry.asgi_answers import DENIAL_EXTENSION
from telemetry.http_protocol import raw_answer
from telemetry.tracing import trace_id_or_new

SOCKET_PATHS: Final = frozenset({b"/ops/live"})
VERSION_HEADERS: Final = [("Sec-WebSocket-Version", "13")]


def _error_of(status: int) -> HanpanError:
    """daphne와 autobahn이 스스로 고른 상태의 오류."""
    if status == 503:
        return Unavailable("서버가 제때 답하지 않았습니다")
    if status == 426:
        return InvalidArgument("WebSocket 13판으로 이어야 하는 경로입니다")
    return InvalidArgument("요청을 읽을 수 없습니다") if status < 500 else Internal()


class Request(WebRequest):
    """HTTP 요청 하나."""

    def process(self) -> Any:
        """요청을 다 읽었다."""
        if self.path not in SOCKET_PATHS:
            self.requestHeaders.removeHeader(b"upgrade")
        return super().process()

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        """daphne 스스로의 오류 쪽 대신."""
        problem = problem_of(_error_of(status), trace_id=trace_id_or_new(), status=status)
        headers = problem.asgi_headers()
        self.handle_reply({"type": "http.response.start", "status": status, "headers": headers})
        self.handle_reply({"type": "http.response.body", "body": problem.body})


class Socket(WebSocketProtocol):
    """소켓 하나. 앱은 받기 전에 HTTP 답으로 거절할 수 있다."""

    _denial: dict[str, Any] | None = None

    def handle_reply(self, message: dict[str, Any]) -> None:
        """앱의 말."""
        if message["type"] == f"{DENIAL_EXTENSION}.start":
            self._denial = message
        elif message["type"] == f"{DENIAL_EXTENSION}.body" and self._denial is not None:
            self._deny(self._denial, message["body"])
        else:
            super().handle_reply(message)

    def _deny(self, start: dict[str, Any], body: bytes) -> None:
        headers = b"".join(b"%s: %s\r\n" % pair for pair in start["headers"])
        line = b"HTTP/1.1 %d Refused\r\n" % start["status"]
        self.sendData(line + headers + b"connection: close\r\n\r\n" + body)
        del self.handshake_deferred
        self.server.protocol_disconnected(self)
        self.dropConnection(abort=False)

    def sendHttpErrorResponse(self, code: int, reason: str, responseHeaders: Any = None) -> None:  # noqa: N802, N803
        """autobahn이 인사를 거절한다."""
        # 모르는 판은 400이라 하지만, 아는 판을 말하는 답은 426이다(RFC 6455 4.2.2).
        is_version = any(name.lower() == "sec-websocket-version" for name, _ in responseHeaders or ())
        status = 426 if is_version else code
        problem = problem_of(_error_of(status), trace_id=trace_id_or_new(), status=status)
        problem.headers.update(VERSION_HEADERS if is_version else ())
        self.sendData(raw_answer(problem))


class SocketFactory(WebSocketFactory):
    """소켓을 만드는 곳."""

    protocol = Socket


class Channel(HTTPChannel):
    """이어짐 하나. 요청의 줄이나 머리글을 읽지 못하면 여기서 거절한다."""

    totalHeadersSize = 24_576  # noqa: N815 - 로드 밸런서가 지나게 하는 주소와 머리글이 함께 든다

    def _respondToBadRequestAndDisconnect(self) -> None:  # noqa: N802
        refusal = problem_of(
            InvalidArgument("요청을 읽을 수 없습니다"), trace_id=trace_id_or_new(), status=400
        )
        self.transport.write(raw_answer(refusal))  # type: ignore[union-attr, call-arg]
        self.loseConnection()  # type: ignore[no-untyped-call]

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802
        """한 줄이 너무 길다. twisted는 말없이 끊는다."""
        self._respondToBadRequestAndDisconnect()


class RequestFactory(HTTPFactory):
    """이어짐을 만드는 곳."""

    def protocol(self) -> _GenericHTTPChannelProtocol:
        """twisted가 이어짐마다 부른다."""
        return _GenericHTTPChannelProtocol(Channel())  # type: ignore[no-untyped-call]

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802
        """새 이어짐."""
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = Request
        return protocol


class PlatformServer(Server):
    """우리 요청과 소켓을 쓰는 daphne."""

    def run(self) -> None:
        """daphne는 공장을 바꿀 자리를 주지 않고 제 모듈의 이름으로 부른다."""
        daphne.server.HTTPFactory = RequestFactory
        daphne.server.WebSocketFactory = SocketFactory
        super().run()

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """앱에 이 서버의 소켓은 HTTP 답으로 거절할 수 있음을 알린다."""
        extensions: dict[str, Any] = {DENIAL_EXTENSION: {}} if scope["type"] == "websocket" else {}
        return super().create_application(protocol, {**scope, "extensions": extensions})
