"""프로세스 하나의 /metrics를 기한 안에 받아 온다. 무엇이 들었는지는 모른다."""

from __future__ import annotations

import asyncio

import httptools

from kernel.errors import Unavailable
from ops.live.targets import Target

MAX_BYTES = 1_048_576
SCRAPE_TIMEOUT_S = 0.7  # 얼어붙은 프로세스가 다음 재기를 늦추지 않는다
_READ_BYTES = 65_536


class _Answer:
    """httptools가 부르는 곳: 상태와 본문을 모은다."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.is_complete = False

    def on_body(self, part: bytes) -> None:
        self.body += part

    def on_message_complete(self) -> None:
        self.is_complete = True


async def fetch_metrics(target: Target, *, timeout_s: float) -> str:
    """GET /metrics의 본문.

    Raises:
        Unavailable: `timeout_s` 안에 온전한 200을 받지 못했다(꺼짐, 얼어붙음, 너무 큼, 깨진 답).
    """
    try:
        async with asyncio.timeout(timeout_s):
            return await _fetch(target)
    except (OSError, TimeoutError, UnicodeDecodeError, httptools.HttpParserError) as error:
        raise Unavailable("{target}의 지표를 받지 못했습니다", target=target.name) from error


async def _fetch(target: Target) -> str:
    reader, writer = await asyncio.open_connection(target.host, target.port)
    try:
        host = f"{target.host}:{target.port}"
        writer.write(f"GET /metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = _Answer()
        parser = httptools.HttpResponseParser(answer)
        while not answer.is_complete:
            part = await reader.read(_READ_BYTES)
            if not part or len(answer.body) > MAX_BYTES:
                raise Unavailable("{target}의 지표가 끊겼거나 너무 큽니다", target=target.name)
            parser.feed_data(part)
        if parser.get_status_code() != 200:
            raise Unavailable("{target}의 지표가 열리지 않았습니다", target=target.name)
        return answer.body.decode()
    finally:
        writer.close()
