"""접속의 속도만 재는 가벼운 선수: 인사(HTTP Upgrade)와 hello를 보내고 welcome을 기다린다.

SDK의 접속 하나는 서버의 것만큼 CPU를 쓴다. 그것으로 재면 서버가 아니라 부하의 속도가 나온다.
"""

from __future__ import annotations

import asyncio
import base64
import os
from typing import cast
from urllib.parse import urlsplit

import msgspec

from hanpan_client.wire_ws import SUBPROTOCOL

OPEN_LIMIT_S = 30.0
HEAD_END = b"\r\n\r\n"
SWITCHING = b"HTTP/1.1 101 "
FIN_TEXT = 0x81
MASKED = 0x80
MEDIUM_LENGTH = 126
# 가림은 중간의 캐시를 속이지 못하게 하려는 것이다. loopback에서는 0으로 가려도 규격에 맞는다.
NO_MASK = bytes(4)


class _First(msgspec.Struct):
    """서버의 첫 글."""

    t: str


class BareSocket(asyncio.Protocol):
    """소켓 하나. `welcomed`는 welcome이 오면 끝나고, 다른 것이 오거나 끊기면 ConnectionError다."""

    def __init__(self, upgrade: bytes, hello: bytes) -> None:
        self.welcomed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._upgrade = upgrade
        self._hello = hello
        self._is_open = False
        self._heard = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """인사한다."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._upgrade)

    def data_received(self, data: bytes) -> None:
        """welcome까지만 본다. 그 뒤의 것(ping)은 버린다."""
        if self.welcomed.done():
            return
        self._heard += data
        if not self._is_open:
            self._hear_answer()
        elif (payload := _text_payload(self._heard)) is not None:
            self._hear_first(payload)

    def _hear_answer(self) -> None:
        """인사의 답. 받아들여졌으면 hello를 보낸다(그 전에는 보낼 수 없다)."""
        head, found, self._heard = self._heard.partition(HEAD_END)
        if not found:
            self._heard = head
        elif not head.startswith(SWITCHING):
            self._fail(head.decode("latin-1"))
        elif self._transport is not None:
            self._is_open = True
            self._transport.write(self._hello)

    def _hear_first(self, payload: bytes) -> None:
        if msgspec.json.decode(payload, type=_First).t == "welcome":
            self.welcomed.set_result(None)
        else:
            self._fail(payload.decode())

    def connection_lost(self, exc: Exception | None) -> None:
        """welcome 전에 끊기면 실패다."""
        if not self.welcomed.done():
            self._fail(f"welcome 전에 끊겼습니다: {exc}")

    def abort(self) -> None:
        """곧바로 끊는다."""
        if self._transport is not None:
            self._transport.abort()

    def _fail(self, why: str) -> None:
        self.welcomed.set_exception(ConnectionError(why))


async def open_bare(ws_url: str, access_token: str) -> BareSocket:
    """`ws_url`에 붙어 welcome까지 마친 소켓.

    Raises:
        ConnectionError: 거절되었거나 끊겼다.
        TimeoutError: 기한 안에 welcome이 오지 않았다.
    """
    url = urlsplit(ws_url)
    async with asyncio.timeout(OPEN_LIMIT_S):
        _, bare = await asyncio.get_running_loop().create_connection(
            lambda: BareSocket(_upgrade(url.netloc, url.path), _hello(access_token)),
            url.hostname or "",
            url.port or 80,
        )
        await bare.welcomed
    return bare


def _upgrade(host: str, path: str) -> bytes:
    """브라우저의 것과 같은 머리들(RFC 6455 4.1)."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Protocol: {SUBPROTOCOL}",
    ]
    return "\r\n".join(lines).encode() + HEAD_END


def _hello(access_token: str) -> bytes:
    """가린 글 프레임 하나(RFC 6455 5.2). 토큰이 있어 언제나 중간 길이다."""
    payload = msgspec.json.encode({"t": "hello", "id": "1", "token": access_token})
    head = bytes((FIN_TEXT, MASKED | MEDIUM_LENGTH)) + len(payload).to_bytes(2, "big")
    return head + NO_MASK + payload


def _text_payload(frame: bytes) -> bytes | None:
    """가리지 않은 글 프레임의 알맹이. 아직 다 오지 않았으면 None."""
    if len(frame) < 4:
        return None
    length, start = frame[1], 2
    if length == MEDIUM_LENGTH:
        length, start = int.from_bytes(frame[2:4], "big"), 4
    return frame[start : start + length] if len(frame) >= start + length else None
