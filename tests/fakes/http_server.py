"""SDK 시험용 가짜 HTTP 서버: 시험이 준 바이트를 그대로 답하고, 받은 요청과 연결 수를 적는다."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec


def answer(status: str, payload: object, *headers: str) -> bytes:
    """JSON 답 하나."""
    body = msgspec.json.encode(payload)
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class FakeHttp:
    """답의 줄. 빈 바이트는 답하지 않고 끊으라는 뜻, None은 답하지 말라는 뜻이다."""

    def __init__(self) -> None:
        self.base_url = ""
        self.answers: deque[bytes | None] = deque()
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.connections = 0

    async def serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """연결 하나의 한살이."""
        self.connections += 1
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                first, *lines = head.strip().split("\r\n")
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.requests.append((first, headers, body))
                reply = self.answers.popleft()
                if reply is None:
                    continue
                if not reply:
                    break
                writer.write(reply)
                if reply.startswith(b"HTTP/1.0"):
                    break
        except asyncio.IncompleteReadError:
            pass  # 클라이언트가 닫았다
        finally:
            writer.close()


@asynccontextmanager
async def fake_http() -> AsyncIterator[FakeHttp]:
    """루프백에서 도는 가짜 HTTP 서버 하나."""
    fake = FakeHttp()
    async with await asyncio.start_server(fake.serve_one, "127.0.0.1", 0) as server:
        fake.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield fake
