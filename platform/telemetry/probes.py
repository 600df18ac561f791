"""모든 프로세스가 여는 /healthz, /readyz, /metrics의 작은 ASGI 앱.

준비됨은 부르는 쪽이 준 함수가 정한다. 드레인 중은 404다(HAProxy의 disable-on-404가 새 접속만 돌린다).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST

from kernel.errors import InvalidArgument, NotFound
from telemetry.asgi_answers import Scope, Send, problem_for, send_problem
from telemetry.exposition import SharedExposition


class Readiness(Enum):
    """/readyz의 답과 HTTP 상태."""

    READY = 200
    DRAINING = 404
    NOT_READY = 503


METHODS = ("GET", "HEAD")
PATHS = ("/healthz", "/readyz", "/metrics")


class ProbeApp:
    """상태 확인 경로만 아는 ASGI 앱. 다른 경로는 404, 읽지 않는 메서드는 405다(problem+json)."""

    def __init__(
        self,
        *,
        service: str,
        instance: str,
        version: str,
        readiness: Callable[[], Readiness],
        exposition: SharedExposition | None = None,
    ) -> None:
        self._identity = {"service": service, "instance": instance, "version": version}
        self._readiness = readiness
        self._exposition = exposition or SharedExposition()

    async def __call__(self, scope: Scope, _receive: Any, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            return
        if scope["type"] == "websocket" or scope["path"] not in PATHS:
            await send_problem(scope, send, problem_for(scope, NotFound("그런 경로가 없습니다")))
            return
        if scope.get("method", "GET") not in METHODS:
            problem = problem_for(scope, InvalidArgument("이 경로에는 그 메서드가 없습니다"), 405)
            await send_problem(scope, send, problem, (b"allow", ", ".join(METHODS).encode()))
            return
        status, content_type, body = await self._answer(scope["path"])
        headers = [
            (b"content-type", content_type.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope.get("method") == "HEAD" else body})

    async def _answer(self, path: str) -> tuple[int, str, bytes]:
        if path == "/healthz":
            return self._json(200, {"status": "ok"})
        if path == "/readyz":
            readiness = self._readiness()
            return self._json(readiness.value, {"status": readiness.name.lower()})
        return 200, CONTENT_TYPE_LATEST, await self._exposition.body()

    def _json(self, status: int, body: dict[str, str]) -> tuple[int, str, bytes]:
        return status, "application/json", msgspec.json.encode({**self._identity, **body})
