"""바쁜 것과 멈춘 것을 가르는 /readyz: 이벤트 루프가 아니라 제 스레드가 답한다.

소켓이 한꺼번에 몰리면 루프의 한 바퀴가 1초를 넘는다. 같은 루프가 상태 확인에 답하면 로드 밸런서는 바쁜
gateway를 죽은 것으로 보고 모든 소켓을 끊고, 끊긴 모두가 다시 몰린다. 스레드는 루프가 바빠도 답하고,
프로세스가 얼면(SIGSTOP) 함께 멈추며, 루프가 `STALLED_AFTER_S`를 넘게 돌지 않으면 503이라 답한다.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from kernel.errors import HanpanError, Internal, InvalidArgument, NotFound, PayloadTooLarge
from kernel.languages import language_of_header
from kernel.problem import problem_of
from telemetry.logs import get_logger
from telemetry.probes import Readiness
from telemetry.tracing import trace_id_or_new

log = get_logger(__name__)

BEAT_S = 0.25
STALLED_AFTER_S = 5.0
ASK_LIMIT_S = 2.0  # 묻다 만 연결을 이만큼만 붙들어 둔다
POLL_S = 0.1


class LoopPulse:
    """이벤트 루프가 마지막으로 돈 때. 루프가 적고 아무 스레드나 읽는다."""

    def __init__(self, readiness: Callable[[], Readiness]) -> None:
        self._readiness = readiness
        self._beat_at_s = time.monotonic()

    async def beat_forever(self) -> None:
        """루프가 도는 동안 적는다."""
        while True:
            self._beat_at_s = time.monotonic()
            await asyncio.sleep(BEAT_S)

    def readiness(self) -> Readiness:
        """루프가 멈춰 있으면 준비되지 않은 것이다."""
        if time.monotonic() - self._beat_at_s > STALLED_AFTER_S:
            return Readiness.NOT_READY
        return self._readiness()


@asynccontextmanager
async def readiness_thread(host: str, port: int, readiness: Callable[[], Readiness]) -> AsyncIterator[int]:
    """도는 동안 `host:port`의 GET /readyz에 답한다. 듣는 포트를 준다(0이면 빈 포트).

    Raises:
        OSError: 포트를 쓸 수 없다.
    """
    pulse = LoopPulse(readiness)
    server = _Server((host, port), _handler(pulse))
    thread = threading.Thread(target=server.serve_forever, args=(POLL_S,), name="readyz", daemon=True)
    beating = asyncio.create_task(pulse.beat_forever(), name="pulse")
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        beating.cancel()
        await asyncio.to_thread(server.shutdown)
        server.server_close()


class _Server(ThreadingHTTPServer):
    request_queue_size = 64  # 기본은 5라 루프가 바쁜 동안 온 확인이 1초 뒤에야 이어진다

    def handle_error(self, request: Any, client_address: Any) -> None:
        """묻던 쪽이 먼저 끊은 것은 흔한 일이라 적지 않는다. 나머지는 우리 잘못이다."""
        if not isinstance(sys.exception(), OSError):
            log.exception("readyz.failed")


def _error_of(status: int) -> HanpanError:
    """표준 라이브러리가 스스로 거절한 상태(400, 414, 431, 501, 505)의 오류."""
    if status in {414, 431}:
        return PayloadTooLarge("주소나 머리글이 너무 깁니다")
    if status == 501:
        return InvalidArgument("이 경로에는 그 메서드가 없습니다")
    return InvalidArgument("요청을 읽을 수 없습니다")


def _handler(pulse: LoopPulse) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = ASK_LIMIT_S

        def do_GET(self) -> None:
            if self.path != "/readyz":
                self._refuse(NotFound("그런 경로가 없습니다"))
                return
            try:
                status = pulse.readiness().value
            except Exception as failure:
                trace_id = trace_id_or_new()
                log.exception("readyz.failed", trace_id=trace_id, exc_info=failure)
                self._refuse(Internal(), trace_id=trace_id)
                return
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
            """표준 라이브러리의 HTML 대신 같은 모양으로 거절한다."""
            # 모르는 메서드는 그 클래스에서 501이지만, 여기서는 이 경로에 없는 것이다.
            self._refuse(_error_of(code), 405 if code == 501 else code)

        def _refuse(self, error: HanpanError, status: int | None = None, *, trace_id: str = "") -> None:
            # 머리글을 읽기 전에 거절하면 headers가 없다.
            headers = getattr(self, "headers", None)
            problem = problem_of(
                error,
                trace_id=trace_id or trace_id_or_new(headers.get("traceparent", "") if headers else ""),
                status=status,
                language=language_of_header(headers.get("Accept-Language") if headers else None),
            )
            self.send_response(problem.status)
            for name, value in problem.headers.items():
                self.send_header(name, value)
            if problem.status == 405:
                self.send_header("Allow", "GET")
            self.send_header("Content-Length", str(len(problem.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(problem.body)

        def log_message(self, *_: Any) -> None:
            """상태 확인은 적지 않는다."""

    return Handler
