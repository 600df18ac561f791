"""ASGI 앱에 요청 하나를 넣고 답을 모으는 작은 클라이언트. 망을 쓰지 않는다."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Answer:
    """모은 답."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        return json.loads(self.body)


async def request(
    app: Any,
    method: str,
    path: str,
    *,
    body: bytes | list[bytes] = b"",
    headers: dict[str, str] | None = None,
) -> Answer:
    """`body`가 목록이면 길이를 말하지 않고 조각으로 보낸다."""
    parts = body if isinstance(body, list) else [body]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "method": method,
        "path": path.partition("?")[0], "raw_path": path.encode("latin1"),
        "query_string": path.partition("?")[2].encode("latin1"), "root_path": "",
        "headers": [(b"host", b"localhost")]
        + ([(b"content-length", str(len(body)).encode())] if isinstance(body, bytes) and body else [])
        + [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        "client": ("127.0.0.1", 40000), "server": ("127.0.0.1", 8000),
    }  # fmt: skip
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    for index, part in enumerate(parts):
        inbox.put_nowait({"type": "http.request", "body": part, "more_body": index < len(parts) - 1})
    answer = Answer()

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        else:
            answer.body += message.get("body", b"")

    await app(scope, inbox.get, send)
    return answer
