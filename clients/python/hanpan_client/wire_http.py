"""HTTP/1.1 요청 하나를 보내고 답을 받는 얇은 층: asyncio 스트림과 httptools의 파서, 상한 있는 연결 모음.

한판의 주소도 오류 코드도 모른다. 부르는 쪽이 기한을 건다.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from dataclasses import dataclass
from urllib.parse import urlsplit

import httptools

from .errors import ConnectionLostError, ProtocolViolationError

READ_CHUNK_BYTES = 65_536
BODY_LIMIT_BYTES = 4 << 20
# 로드 밸런서의 keep-alive 제한보다 짧아야 곧 닫힐 연결에 요청을 싣지 않는다.
IDLE_LIMIT_S = 2.0


@dataclass(frozen=True, slots=True)
class HttpReply:
    """답 하나. 머리글의 이름은 소문자다."""

    status: int
    headers: dict[str, str]
    body: bytes


class _ReplyParser:
    """httptools가 부르는 이름들을 모아 답 하나를 만든다."""

    def __init__(self) -> None:
        self.is_complete = False
        self.keeps_alive = False
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self._has_head = False
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            raise ProtocolViolationError(f"HTTP 답을 읽을 수 없습니다: {error}") from error
        if len(self.body) > BODY_LIMIT_BYTES:
            raise ProtocolViolationError(f"HTTP 답이 {BODY_LIMIT_BYTES}바이트를 넘습니다")

    def end(self) -> None:
        """연결이 닫혔다. 길이를 말하지 않은 답은 여기서 끝난다. 오류: ConnectionLostError."""
        if not self._has_head or "content-length" in self.headers or "transfer-encoding" in self.headers:
            raise ConnectionLostError(reason="답이 오기 전에 끊겼습니다")
        self.is_complete = True

    def reply(self) -> HttpReply:
        return HttpReply(self._parser.get_status_code(), self.headers, bytes(self.body))

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._has_head = True

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.is_complete = True
        self.keeps_alive = bool(self._parser.should_keep_alive())


@dataclass(slots=True)
class _Wire:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    idle_since_s: float = 0.0

    def is_usable(self, now_s: float) -> bool:
        return now_s - self.idle_since_s < IDLE_LIMIT_S and not self.reader.at_eof()


class HttpWire:
    """한 서버로 가는 연결들. 한꺼번에 많아야 `max_connections`개다."""

    def __init__(self, base_url: str, *, max_connections: int = 32) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"http(s) 주소가 아닙니다: {base_url}")
        self._host = parts.hostname
        self._ssl = ssl.create_default_context() if parts.scheme == "https" else None
        self._port = parts.port or (443 if self._ssl else 80)
        self._authority = parts.netloc
        self._prefix = parts.path.rstrip("/")
        self._idle: deque[_Wire] = deque()
        self._slots = asyncio.Semaphore(max_connections)

    async def request(self, method: str, path: str, headers: dict[str, str], body: bytes) -> HttpReply:
        """답을 받는다. 놀던 연결이 그새 닫혔으면 GET만 새 연결로 한 번 더 한다.

        오류: ConnectionLostError, ProtocolViolationError.
        """
        payload = self._encode(method, path, headers, body)
        async with self._slots:
            wire = self._take_idle()
            if wire is not None:
                try:
                    return await self._exchange(wire, payload)
                except ConnectionLostError:
                    if method != "GET":
                        raise
            return await self._exchange(await self._connect(), payload)

    async def close(self) -> None:
        """놀고 있는 연결을 닫는다."""
        while self._idle:
            await _hang_up(self._idle.pop())

    def _encode(self, method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
        lines = [f"{method} {self._prefix}{path} HTTP/1.1", f"Host: {self._authority}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body or method != "GET":
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body

    def _take_idle(self) -> _Wire | None:
        now_s = time.monotonic()
        while self._idle:
            wire = self._idle.pop()
            if wire.is_usable(now_s):
                return wire
            wire.writer.close()
        return None

    async def _connect(self) -> _Wire:
        try:
            return _Wire(*await asyncio.open_connection(self._host, self._port, ssl=self._ssl))
        except OSError as error:
            raise ConnectionLostError(reason=f"붙지 못했습니다: {error}") from error

    async def _exchange(self, wire: _Wire, payload: bytes) -> HttpReply:
        parser = _ReplyParser()
        try:
            wire.writer.write(payload)
            await wire.writer.drain()
            while not parser.is_complete:
                data = await wire.reader.read(READ_CHUNK_BYTES)
                if data:
                    parser.feed(data)
                else:
                    parser.end()
        except OSError as error:
            await _hang_up(wire)
            raise _as_lost(error) from error
        except BaseException:
            wire.writer.close()
            raise
        if parser.keeps_alive:
            wire.idle_since_s = time.monotonic()
            self._idle.append(wire)
        else:
            await _hang_up(wire)
        return parser.reply()


def _as_lost(error: OSError) -> ConnectionLostError:
    return error if isinstance(error, ConnectionLostError) else ConnectionLostError(reason=str(error))


async def _hang_up(wire: _Wire) -> None:
    """닫고, 닫힌 것을 본다. 상대가 먼저 끊었어도 할 일은 같다."""
    wire.writer.close()
    try:
        await wire.writer.wait_closed()
    except OSError:
        return
