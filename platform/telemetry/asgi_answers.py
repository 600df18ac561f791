"""ASGI 앱이 Django 없이 오류로 답하는 법과, 잡히지 않은 실패를 한 줄로 적고 답하는 감싸개.

모든 프로세스의 HTTP와 소켓의 입구가 함께 쓴다: 어느 포트에서나 오류의 모양이 같고, 로그 없는 500이 없다.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

from kernel.errors import HanpanError, Internal, InvalidArgument
from kernel.languages import language_of_header
from kernel.problem import Problem, problem_of
from telemetry.logs import get_logger
from telemetry.tracing import trace_id_or_new

log = get_logger(__name__)

Scope = Mapping[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

# 소켓이 되기 전에 HTTP 답으로 거절할 수 있는 서버가 scope의 extensions에 싣는 이름(ASGI의 규격).
DENIAL_EXTENSION: Final = "websocket.http.response"
CLOSE_INTERNAL = 1011


def header_of(scope: Scope, name: bytes) -> str:
    """머리글 하나. 여러 번 왔으면 쉼표로 잇고, 없으면 빈 글이다."""
    headers: Iterable[tuple[bytes, bytes]] = scope.get("headers", ())
    return ",".join(value.decode("latin-1") for key, value in headers if key.lower() == name)


def problem_for(
    scope: Scope, error: HanpanError, status: int | None = None, *, trace_id: str = ""
) -> Problem:
    """이 요청에 대한 오류의 답: 언어는 Accept-Language, 추적 번호는 지금의 것이나 traceparent의 것."""
    return problem_of(
        error,
        trace_id=trace_id or trace_id_or_new(header_of(scope, b"traceparent")),
        status=status,
        language=language_of_header(header_of(scope, b"accept-language")),
    )


async def send_problem(scope: Scope, send: Send, problem: Problem, *extra: tuple[bytes, bytes]) -> None:
    """HTTP 요청이나, 아직 받지 않은 소켓에 오류로 답한다. HTTP 답을 모르는 서버의 소켓은 닫기만 한다."""
    if scope["type"] == "http":
        prefix = "http.response"
    elif DENIAL_EXTENSION in scope.get("extensions", {}):
        prefix = DENIAL_EXTENSION
    else:
        await send({"type": "websocket.close"})
        return
    headers = [*problem.asgi_headers(), *extra]
    await send({"type": f"{prefix}.start", "status": problem.status, "headers": headers})
    await send({"type": f"{prefix}.body", "body": problem.body})


async def require_upgrade(scope: Scope, send: Send) -> None:
    """소켓의 길을 여느 HTTP로 열었다: 426(RFC 9110 15.5.22)."""
    problem = problem_for(scope, InvalidArgument("WebSocket으로 이어야 하는 경로입니다"), 426)
    upgrade = ((b"upgrade", b"websocket"), (b"connection", b"upgrade"), (b"sec-websocket-version", b"13"))
    await send_problem(scope, send, problem, *upgrade)


class FailureGuard:
    """앱 하나를 감싼다. 앱이 잡지 못한 실패는 스택이 있는 한 줄이 되고, 부른 쪽은 500을 받는다."""

    def __init__(self, app: App, *, abort: str | None = None) -> None:
        """`abort`는 시작한 답을 끊으라는 말의 이름. 없으면 서버가 끝나지 않은 답을 보고 스스로 끊는다."""
        self._app = app
        self._abort = abort

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """요청이나 소켓 하나."""
        answered = _Answered(send)
        try:
            await self._app(scope, receive, answered)
        except Exception as failure:
            if answered.peer_left and isinstance(failure, OSError):
                raise  # 상대가 떠났다. 서버가 치운다
            trace_id = trace_id_or_new(header_of(scope, b"traceparent"))
            log.exception("asgi.failed", trace_id=trace_id, path=scope.get("path"), exc_info=failure)
            await self._answer(scope, send, answered, trace_id)

    async def _answer(self, scope: Scope, send: Send, answered: _Answered, trace_id: str) -> None:
        if not answered.has_begun:
            await send_problem(scope, send, problem_for(scope, Internal(), trace_id=trace_id))
        elif scope["type"] == "websocket":
            if not answered.is_closed:
                await send({"type": "websocket.close", "code": CLOSE_INTERNAL})
        elif self._abort is not None:
            # 반쯤 간 답을 온전히 끝난 것처럼 닫지 않는다.
            await send({"type": self._abort})


class _Answered:
    """지나간 답을 본다."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False
        self.is_closed = False
        self.peer_left = False

    async def __call__(self, message: Message) -> None:
        self.has_begun = True
        self.is_closed = self.is_closed or message["type"] == "websocket.close"
        try:
            await self._send(message)
        except OSError:
            self.peer_left = True
            raise
