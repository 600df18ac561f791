"""Django의 요청을 정해진 수의 스레드에서 처리하는 ASGI 처리기. 도메인을 모른다.

왜 Django의 것을 그대로 쓰지 않는가: ASGIHandler는 요청마다 새 스레드를 만들어 연결을 이어 쓰지 못하고
수도 막지 않는다. 여기서는 미들웨어와 뷰가 통째로 스레드 하나에서 돌고, 스레드마다 연결 하나가 남아
CONN_MAX_AGE와 CONN_HEALTH_CHECKS가 뜻대로 일한다(데이터베이스가 다시 뜨면 다음 요청이 새로 붙는다).
자리가 없으면 줄을 늘리지 않고 곧바로 503이다.

재어 보니(2코어, 순위표 읽기, 동시 16): Django의 것은 185/s에 요청마다 새 DB 연결, 이것은 560/s에 연결 16개.
부하 중에 MariaDB를 kill -9 하고 1초 뒤 띄우면 그동안만 503(가장 느린 답 149 ms)이고 뜬 뒤 실패는 0이다.
"""

from __future__ import annotations

import asyncio
import contextvars
import io
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from django.conf import settings
from django.core import signals
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import set_script_prefix

from front.failures import FailureTexts, failure_answer
from kernel.errors import HanpanError, InvalidArgument, PayloadTooLarge, Unavailable
from telemetry.asgi_answers import header_of
from telemetry.logs import get_logger
from telemetry.tracing import trace_id_or_new
from webserver.cors import open_refusal
from webserver.streaming import ABORT, PeerGone

log = get_logger(__name__)
R = TypeVar("R")
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class ClientGone(Exception):
    """본문을 다 보내기 전에 클라이언트가 떠났다."""


class ThreadPoolHandler(ASGIHandler):
    """HTTP 요청을 스레드 `threads`개에서 처리한다. `waiting`개까지 기다리게 하고 그 뒤는 503이다."""

    def __init__(self, *, threads: int, waiting: int) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="http")
        self._capacity = threads + waiting
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def in_flight(self) -> int:
        """받아서 아직 답을 다 보내지 않은 요청 수."""
        return self._in_flight

    async def wait_idle(self, timeout_s: float) -> bool:
        """하던 요청이 모두 끝나기를 기다린다. 제때 끝나지 않으면 False다."""
        try:
            await asyncio.wait_for(self._idle.wait(), timeout_s)
        except TimeoutError:
            return False
        return True

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """HTTP 요청 하나. 이벤트 루프에서 불린다."""
        if self._in_flight >= self._capacity:
            await self.refuse(scope, send, Unavailable("지금은 요청이 너무 많습니다"))
            return
        self._in_flight += 1
        self._idle.clear()
        try:
            await self._serve(scope, receive, send)
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._idle.set()

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        try:
            body = await _read_body(receive, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        except ClientGone:
            return
        except PayloadTooLarge as error:
            await self.refuse(scope, send, error)
            return
        response = await self._in_thread(self._respond, _with_content_length(scope, len(body)), body)
        if isinstance(response, StreamingHttpResponse):
            await self._send_stream(scope, response, send)
        else:
            await self.send_response(response, send)

    def _respond(self, scope: Message, body: bytes) -> HttpResponseBase:
        """스레드에서: 요청을 만들고 미들웨어와 뷰를 지난다. 본문이 다 만들어진 응답은 여기서 닫는다."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        try:
            request = self.request_class(scope, io.BytesIO(body))
        except UnicodeDecodeError:
            return self._refusal(scope, InvalidArgument("경로가 UTF-8이 아닙니다"), 400)
        response = self.get_response(request)
        response._handler_class = self.__class__  # type: ignore[attr-defined]
        if not response.streaming:
            response.close()
        return response

    async def _send_stream(self, scope: Message, response: StreamingHttpResponse, send: Send) -> None:
        # 파일을 읽는 일도 막히므로 스레드에서 한 조각씩 읽는다.
        chunks: Iterator[bytes] = iter(response)
        try:
            await send(
                {"type": "http.response.start", "status": response.status_code, "headers": _headers(response)}
            )
            while (chunk := await self._in_thread(next, chunks, None)) is not None:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body"})
        except PeerGone:
            await send({"type": ABORT})
        except Exception as error:
            # 머리는 이미 200으로 갔다: 연결을 끊어야 잘린 답이 온전한 답으로 보이지 않는다.
            trace_id = trace_id_or_new(header_of(scope, b"traceparent"))
            log.exception("http.stream_failed", trace_id=trace_id, path=scope["path"], reason=str(error))
            await send({"type": ABORT})
        finally:
            await self._in_thread(response.close)

    async def refuse(
        self,
        scope: Message,
        send: Send,
        error: HanpanError,
        status: int | None = None,
        *,
        texts: FailureTexts | None = None,
    ) -> None:
        """요청을 읽지 않고 오류로 답한다. 이벤트 루프에서 불린다."""
        await self.send_response(self._refusal(scope, error, status, texts=texts), send)

    def _refusal(
        self,
        scope: Message,
        error: HanpanError,
        status: int | None = None,
        *,
        texts: FailureTexts | None = None,
    ) -> HttpResponse:
        # 거절의 까닭이 주소의 물음표 뒤일 수 있다. 답에는 길과 머리글이면 된다.
        request = self.request_class({**scope, "query_string": b""}, io.BytesIO())
        return open_refusal(request, failure_answer(request, error, status, texts=texts))

    async def _in_thread(self, job: Callable[..., R], *args: Any) -> R:
        context = contextvars.copy_context()
        future: Future[R] = self._pool.submit(context.run, job, *args)
        # 클라이언트가 떠나 취소되어도 시작한 요청은 끝까지 간다. 반쯤 쓰다 마는 일이 없다.
        return await asyncio.shield(asyncio.wrap_future(future))

    def close(self) -> None:
        """새 일을 받지 않고 도는 일이 끝나기를 기다린다."""
        self._pool.shutdown(wait=True, cancel_futures=True)


async def _read_body(receive: Receive, max_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part = message.get("body", b"")
        size += len(part)
        if size > max_bytes:
            raise PayloadTooLarge("본문은 {max_bytes}바이트까지입니다", max_bytes=max_bytes)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _with_content_length(scope: Message, size: int) -> Message:
    # 조각으로 온 본문에는 길이가 없고, DRF는 길이가 없으면 본문이 없다고 본다.
    headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"content-length"]
    return {**scope, "headers": [*headers, (b"content-length", str(size).encode())]}


def _headers(response: HttpResponseBase) -> list[tuple[bytes, bytes]]:
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    cookies = [
        (b"Set-Cookie", cookie.output(header="").encode("ascii").strip())
        for cookie in response.cookies.values()
    ]
    return headers + cookies
