"""모든 프로세스가 여는 /healthz, /readyz, /metrics의 작은 ASGI 앱.

준비됨은 부르는 쪽이 준 함수가 정한다. 비우는 중은 404다(HAProxy의 disable-on-404가 새 접속만 돌린다).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


class Readiness(Enum):
    """/readyz의 답과 HTTP 상태."""

    READY = 200
    DRAINING = 404
    NOT_READY = 503


Send = Callable[[dict[str, Any]], Awaitable[None]]


class ProbeApp:
    """상태 확인 경로만 아는 ASGI 앱. 다른 경로는 404다."""

    def __init__(
        self, *, service: str, instance: str, version: str, readiness: Callable[[], Readiness]
    ) -> None:
        self._identity = {"service": service, "instance": instance, "version": version}
        self._readiness = readiness

    async def __call__(self, scope: dict[str, Any], _receive: Any, send: Send) -> None:
        if scope["type"] != "http":
            return
        status, content_type, body = self._answer(scope["path"])
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [
                    (b"content-type", content_type.encode()),
                    (b"content-length", str(len(body)).encode()),
                    (b"cache-control", b"no-store"),
                ],
            }
        )
        await send({"type": "http.response.body", "body": body})

    def _answer(self, path: str) -> tuple[int, str, bytes]:
        if path == "/healthz":
            return self._json(200, {"status": "ok"})
        if path == "/readyz":
            readiness = self._readiness()
            return self._json(readiness.value, {"status": readiness.name.lower()})
        if path == "/metrics":
            return 200, CONTENT_TYPE_LATEST, generate_latest()
        return self._json(404, {"status": "not_found"})

    def _json(self, status: int, body: dict[str, str]) -> tuple[int, str, bytes]:
        return status, "application/json", msgspec.json.encode({**self._identity, **body})
